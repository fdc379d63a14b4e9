import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { makeWorkspace } from './workspace.ts';

/** The example in VS Code with the extension: `code` where it is on PATH, else the npm-made host in a browser. */
const workspace = makeWorkspace(join(resolve('out/demo'), 'saas'));
const windows = process.platform === 'win32';
const hasCode = spawnSync('code', ['--version'], { stdio: 'ignore', shell: windows }).status === 0;
if (hasCode) {
  process.stdout.write(`Opening ${workspace} in VS Code …\n`);
  const args = ['--new-window', `--extensionDevelopmentPath=${resolve('.')}`, workspace];
  process.exitCode = spawnSync('code', args, { stdio: 'inherit', shell: windows }).status ?? 1;
} else {
  process.stdout.write('There is no `code` on PATH: the npm-made VS Code host is used.\n');
  const args = ['--import', 'tsx', 'test/vscode/edit.ts', workspace];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
