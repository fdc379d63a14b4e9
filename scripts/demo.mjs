// `npm run demo`: sets itself up, then tells the main job in the terminal; `-- --editor` opens it in VS Code.
import { spawnSync } from 'node:child_process';
import { build, installDependencies, requireNode, root } from './setup.mjs';

requireNode();
installDependencies();
build();
const editor = process.argv.includes('--editor');
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', editor ? 'scripts/demo/editor.ts' : 'scripts/demo/story.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
