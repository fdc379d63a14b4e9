import { performance } from 'node:perf_hooks';
import { estimates } from './estimates.ts';
import { generator } from './generator.ts';
import { overhead } from './overhead.ts';
import { start } from './start.ts';
import { printFigures, type Figure } from '../measure.ts';

const PARTS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = { estimates, overhead, generator, start };

/** `npm run bench:staging`, all of it or parts: `npm run bench:staging -- estimates overhead`. */
const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: the parts are ${Object.keys(PARTS).join(', ')}`);
const began = performance.now();
const figures: Figure[] = [];
for (const [name, part] of Object.entries(PARTS))
  if (asked.length === 0 || asked.includes(name)) figures.push(...(await part()));
process.stdout.write('\n');
printFigures(figures);
process.stdout.write(`measured in ${((performance.now() - began) / 60_000).toFixed(1)} minutes\n`);
if (figures.some(({ reached }) => reached === false)) process.exitCode = 1;
