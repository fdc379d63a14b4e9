import { estimates } from './estimates.ts';
import { generator } from './generator.ts';
import { overhead } from './overhead.ts';
import { printFigures, type Figure } from '../measure.ts';

/** `npm run bench:staging`, all of it or parts: `npm run bench:staging -- estimates overhead`. */
const parts = process.argv.slice(2);
const wanted = (part: string): boolean => parts.length === 0 || parts.includes(part);
const figures: Figure[] = [];
if (wanted('estimates')) figures.push(...(await estimates()));
if (wanted('overhead')) figures.push(...(await overhead()));
if (wanted('generator')) figures.push(...(await generator()));
process.stdout.write('\n');
printFigures(figures);
if (figures.some(({ reached }) => reached === false)) process.exitCode = 1;
