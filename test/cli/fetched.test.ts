import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ExplainLine } from '../../src/core/explain.ts';
import type { LintJson } from '../../src/core/report/lintJson.ts';
import { parseScript } from '../../src/core/sql/script.ts';
import { parser } from '../support/parser.ts';
import { jsonLines, lockkeeper } from './lockkeeper.ts';

const FETCHED = resolve('.cache/migrations');
const projects = existsSync(FETCHED)
  ? readdirSync(FETCHED, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  : [];

describe('migrations that nobody here wrote', function () {
  this.timeout(120_000);

  it('are there', function () {
    if (projects.length > 0) return;
    process.stdout.write('NOT RUN: no fetched migrations. `npm run fetch:migrations` needs Debian packages.\n');
    this.skip();
  });

  const totals = { migrations: 0, declined: 0, statements: 0, errors: 0, opaque: 0, findings: 0 };
  for (const project of projects) {
    it(`${project}: explain accounts for every statement, lint and rollback do not crash`, () => {
      const folder = join(FETCHED, project);
      const lines = jsonLines<ExplainLine>(lockkeeper(FETCHED, ['explain', '--format', 'json', project]));
      const explained = new Map<string, number>();
      for (const { file } of lines) explained.set(file, (explained.get(file) ?? 0) + 1);
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.sql'))) {
        const text = readFileSync(join(folder, file), 'utf8');
        const { statements } = parseScript(text, { parser, dialect: 'postgresql' });
        assert.equal(explained.get(`${project}/${file}`) ?? 0, statements.length, file);
      }
      const outcome = lockkeeper(FETCHED, ['lint', '--format', 'json', project]);
      assert.ok(outcome.code === 0 || outcome.code === 1, outcome.error);
      const { summary } = JSON.parse(outcome.out) as LintJson;
      assert.equal(summary.statements, lines.length);
      totals.statements += lines.length;
      totals.errors += lines.filter(({ error }) => error !== null).length;
      totals.opaque += lines.filter(({ opaque }) => opaque).length;
      totals.findings += Object.values(summary.findings).reduce((sum, count) => sum + count, 0);
      // A folder with one numbered script is not taken for a history unless somebody names it.
      if (summary.files < 2) return;
      const rollbacks = lockkeeper(FETCHED, ['rollback', '--print', '--format', 'json', '--root', project]);
      assert.equal(rollbacks.code, 0, rollbacks.error);
      const scripts = JSON.parse(rollbacks.out) as readonly {
        readonly text: string;
        readonly declined: string | null;
      }[];
      assert.equal(scripts.length, summary.files);
      totals.migrations += scripts.length;
      totals.declined += scripts.filter(({ declined }) => declined !== null).length;
    });
  }

  after(() => {
    const { statements, errors, opaque, findings, migrations, declined } = totals;
    process.stdout.write(
      `      ${projects.length} projects, ${statements} statements: ${errors} do not parse, ${opaque} not fully analysed, ${findings} findings; ${migrations} rollbacks, ${declined} declined with a reason\n`,
    );
  });
});
