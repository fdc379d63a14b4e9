// `dist/cli/main.js`: runs one of the two programs that the build put beside it.
import { join } from 'node:path';
import { runFile, setEngineFlags } from './codeCache.ts';

/** File names with a hash of the content, so that no cache can meet another build's code. The build fills them in. */
declare const lockkeeperPrograms: { readonly quick: string; readonly main: string };

/** The commands of `quickCommands.ts`. */
const QUICK: readonly (string | undefined)[] = ['lint', 'explain'];

setEngineFlags();
const program = QUICK.includes(process.argv[2]) ? lockkeeperPrograms.quick : lockkeeperPrograms.main;
runFile(join(import.meta.dirname, program));
