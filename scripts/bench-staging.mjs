// `npm run bench:staging`: staging runs on 5 million rows (8 minutes). Sets itself up like `npm test`.
import { spawnSync } from 'node:child_process';
import { installDependencies, requireNode, root } from './setup.mjs';

requireNode();
installDependencies();
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'scripts/bench/staging/main.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
