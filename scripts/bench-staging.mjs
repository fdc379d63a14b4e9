// `npm run bench:staging`: staging runs on 5 million rows (about 9 minutes). Sets itself up like `npm test`.
import { spawnSync } from 'node:child_process';
import { build, installDependencies, requireNode, root } from './setup.mjs';

requireNode();
installDependencies();
build();
const { status, signal } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'scripts/bench/staging/main.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
if (signal !== null) console.error(`The bench was ended by ${signal}.`);
process.exitCode = status ?? 1;
