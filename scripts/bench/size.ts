import { spawnSync } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './measure.ts';

/** The packaged extension. */
export function size(): Figure[] {
  const file = join(mkdtempSync(join(tmpdir(), 'lockkeeper-vsix-')), 'lockkeeper.vsix');
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      'node_modules/@vscode/vsce/vsce',
      'package',
      '--no-dependencies',
      '--no-rewrite-relative-links',
      '--allow-missing-repository',
      '--out',
      file,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`vsce package: ${stderr}`);
  const megabytes = statSync(file).size / 1e6;
  return [{ what: 'VSIX', measured: `${megabytes.toFixed(2)} MB`, goal: 'under 5 MB', reached: megabytes < 5 }];
}
