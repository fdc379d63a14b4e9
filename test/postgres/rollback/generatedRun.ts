import { writeFileSync } from 'node:fs';
import { SERVER_MAJORS } from '../../../src/core/catalog/catalog.ts';
import { sharedServer } from '../../support/server.ts';
import { undoMadeUpHistories } from './generated.ts';

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
};
const seed = option('seed', Math.floor(Math.random() * 2 ** 31));
const runs = option('runs', 2_000);
const major = SERVER_MAJORS.find((one) => one === option('major', 18)) ?? 18;
const server = await sharedServer(major);
const results = await undoMadeUpHistories(server.url, { seed, runs, major });
const counts: Record<string, number> = {};
for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
const wrong = results.filter(({ outcome, claim }) => outcome !== claim);
console.log(`seed ${seed}, PostgreSQL ${server.version}: ${JSON.stringify(counts)}, ${wrong.length} false claims`);
const bad = results.filter(({ outcome, claim }) => claim !== outcome || !['restored', 'columnOrder'].includes(outcome));
const out = process.argv.includes('--out') ? process.argv[process.argv.indexOf('--out') + 1] : undefined;
if (out !== undefined) writeFileSync(out, bad.map(({ report }, index) => `===== ${index}\n${report}\n`).join('\n'));
for (const { report } of bad.slice(0, option('show', 0))) console.log(`\n=====\n${report}`);
await server.stop();
process.exitCode = bad.length > 0 ? 1 : 0;
