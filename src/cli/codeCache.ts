import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** V8's settings. A code cache is only good under those that it was made with: the maker of caches calls this as well. */
export function setEngineFlags(): void {
  // V8's optimising compiler would spend 0.3 s of a second core on PostgreSQL's grammar for a run that ends sooner
  // (measured with Node 20).
  setFlagsFromString('--wasm-tiering-budget=200000000');
  // Check a function when it is first called, not all 1.7 MB at once: half of the 7 ms that loading the parser takes.
  setFlagsFromString('--wasm-lazy-validation');
  // Optimise a function after four times the usual work: the CLI ends before most of it pays. lint of 760 migrations costs
  // 3.0 s of processor time instead of 4.1. Node 20 alone: later ones count otherwise, and complain about a flag they lack.
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=528000');
}

/**
 * Runs a CommonJS file with the compiled code that the build kept beside it, which saves a third of what `lint` takes
 * (docs/decisions/0003-bundles.md). Where the build was done with another Node, that Node's own cache is asked for, which
 * lies in the user's cache folder; it is there from 22.1 on.
 *
 * @param file absolute
 */
export function runFile(file: string): void {
  const cache = cacheOf(file);
  if (cache !== null) {
    // Under other settings of V8 (NODE_OPTIONS) it does not take the cache, and compiles.
    evaluate(scriptOf(file, cache), file);
    return;
  }
  keepCompiledCode();
  createRequire(file)(file);
}

/** From Node 22.1 on, in the user's cache folder; silently not, where that can't be written to. */
function keepCompiledCode(): void {
  const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: (folder: string) => unknown };
  if (enableCompileCache === undefined) return;
  try {
    const folder = ownFolder();
    if (folder !== null) enableCompileCache(folder);
  } catch {
    // Nobody has a home here, or may write there.
  }
}

/** Null: it would lie in the folder that we were called in, or is another user's, whose code is not run. */
function ownFolder(): string | null {
  let folder = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  if (!isAbsolute(folder)) return null;
  // One by one: Node's own recursive way never ends below /proc, which is what some service users have for a home.
  for (const name of ['', 'lockkeeper', 'code']) {
    folder = join(folder, name);
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  }
  const user = process.getuid?.();
  return user === undefined || statSync(folder).uid === user ? folder : null;
}

/** Where the compiled code of a file lies that this very Node can use. */
export function cacheFile(file: string): string {
  return `${file}.${process.version}-${process.platform}-${process.arch}.cache`;
}

function cacheOf(file: string): Buffer | null {
  try {
    return readFileSync(cacheFile(file));
  } catch {
    return null;
  }
}

/** A CommonJS file as a script. esbuild leaves other letters than ASCII's in tagged templates as they are (reports). */
export function scriptOf(file: string, cachedData?: Buffer): Script {
  const source = readFileSync(file, 'utf8');
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  return new Script(wrapped, { filename: file, ...(cachedData ? { cachedData } : {}) });
}

/** Runs such a script as `require` would. */
export function evaluate(script: Script, file: string): void {
  const module = { exports: {} };
  const run = script.runInThisContext() as (...parts: unknown[]) => void;
  run(module.exports, createRequire(file), module, file, dirname(file));
}
