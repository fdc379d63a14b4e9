/**
 * `edit.ts [FOLDER]`: builds the extension and opens a folder (default: examples/saas) in the npm-made VS Code. Prints
 * the address for a browser on this machine, and serves until Ctrl-C.
 */
import path from 'node:path';
import { bundle } from './launch/bundle.ts';
import { withCodeServer } from './launch/codeServer.ts';
import { installNpmHost, ROOT } from './launch/install.ts';

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'examples/saas'));
const { extension } = await bundle([]);
await withCodeServer(installNpmHost(), { trusted: true }, async ({ address, remote }) => {
  process.stdout.write(
    `\nOpen ${address(folder, [['extensionDevelopmentPath', remote(extension)]])}\nCtrl-C ends it.\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
});
