// Makes the code cache of a CLI program (src/cli/codeCache.ts): runs it on the project in examples/, so that the functions
// that such a run needs are in it as compiled code. `node make.cjs PROGRAM`, bundled by esbuild.mjs: under tsx other settings
// of V8 would hold.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cacheFile, evaluate, scriptOf, setEngineFlags } from '../src/cli/codeCache.ts';

const RUNS = [
  ['lint', '--format', 'json', 'prisma/migrations'],
  ['lint', 'prisma/migrations'],
];

const file = resolve(process.argv[2] ?? '');
setEngineFlags();
const script = scriptOf(file);
process.chdir('examples/saas');
let next = 0;
process.on('beforeExit', () => {
  const words = RUNS[next++];
  if (words !== undefined) {
    process.argv = [process.execPath, file, ...words];
    // Not at once: this event comes again only if there was something left to do.
    setImmediate(() => {
      evaluate(script, file);
    });
    return;
  }
  writeFileSync(cacheFile(file), script.createCachedData());
  // What lint found is nothing against the build.
  process.exit(0);
});
