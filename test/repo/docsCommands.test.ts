import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { COMMON_OPTIONS } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';

const PAGES = ['README.md', 'docs/ci.md', 'docs/agents.md', 'docs/editor.md', 'docs/configuration.md', 'docs/apply.md'];

/** Calls of the command line in code: `lockkeeper lint --since REF`. */
function calls(page: string): readonly { readonly command: string; readonly options: readonly string[] }[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/(?:^|`|npx |\| |run: )lockkeeper ([a-z][a-z-]*)([^`\n#|>]*)/gm)].map(
    ([, command = '', rest = '']) => ({
      command,
      options: [...rest.matchAll(/(?<=\s)--([a-z-]+)/g)].map(([, name = '']) => name),
    }),
  );
}

describe('commands that the documentation names', () => {
  for (const page of PAGES) {
    it(`${page}: are there, with their options`, async () => {
      for (const { command, options } of calls(page)) {
        const entry = COMMANDS.find(({ name }) => name === command);
        assert.ok(entry, `lockkeeper ${command}`);
        const known = [...(await entry.load()).options, ...COMMON_OPTIONS].map(({ name }) => name);
        for (const option of options) assert.ok(known.includes(option), `lockkeeper ${command} --${option}`);
      }
    });
  }

  it('are found at all', () => {
    assert.ok(calls('README.md').length >= 8);
    assert.ok(calls('docs/agents.md').some(({ options }) => options.includes('stdin-filename')));
    assert.ok(calls('docs/ci.md').some(({ options }) => options.includes('format')));
  });
});
