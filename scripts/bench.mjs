// `npm run bench`: ratios measured side by side in one run. Sets itself up like `npm test`.
import { spawnSync } from 'node:child_process';
import { build, installDependencies, requireNode, root } from './setup.mjs';

requireNode();
installDependencies();
build();
const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
