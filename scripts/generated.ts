import { readFileSync, writeFileSync } from 'node:fs';

/** Writes a generated file; with `--check`, writes nothing and ends with 1 if the file is not what would be written. */
export function writeOrCheck(file: string, text: string): void {
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not fresh: npm run docs\n`);
    process.exitCode = 1;
  }
}
