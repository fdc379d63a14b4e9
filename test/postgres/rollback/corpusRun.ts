/**
 * Fetched histories, every migration up and down on a real server.
 * `npm run test:rollback:corpus [-- --set more|FOLDER --major 15 --projects a,b --out FILE]`: figures for each project and in sum;
 * FILE gets what is not restored and what a script says wrongly of itself. Ends with 1 if a claim is false.
 */
import { writeFileSync } from 'node:fs';
import { SERVER_MAJORS } from '../../../src/core/catalog/catalog.ts';
import { sharedServer } from '../../support/server.ts';
import { fetchedProjects, undoProject, type CorpusResult } from './corpus.ts';

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? undefined : process.argv[at + 1];
};
const set = option('set') ?? 'usual';
const major = SERVER_MAJORS.find((one) => String(one) === option('major')) ?? 18;
const wanted = option('projects')?.split(',');
const server = await sharedServer(major);
const all: CorpusResult[] = [];
for (const project of wanted ?? fetchedProjects(set)) {
  try {
    const results = await undoProject(project, major, set);
    all.push(...results);
    console.log(line(project, results));
  } catch (error) {
    console.log(`${project.padEnd(32)} NOT RUN: ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(line(`in sum, PostgreSQL ${server.version}`, all));
const out = option('out');
if (out !== undefined) writeFileSync(out, all.filter(isBad).map(report).join('\n'));
await server.stop();
process.exitCode = all.some(isFalse) ? 1 : 0;

function line(name: string, results: readonly CorpusResult[]): string {
  const count = (is: (result: CorpusResult) => boolean): number => results.filter(is).length;
  const back = count(({ outcome }) => outcome === 'restored' || outcome === 'columnOrder');
  const share = results.length === 0 ? 100 : (100 * back) / results.length;
  const parts = (['restored', 'columnOrder', 'different', 'declined', 'down failed', 'up failed'] as const).map(
    (wantedOutcome) => `${wantedOutcome} ${count(({ outcome }) => outcome === wantedOutcome)}`,
  );
  return `${name.padEnd(32)} ${String(results.length).padStart(4)}: ${share.toFixed(2)} % back; ${parts.join(', ')}; false claims ${count(isFalse)}`;
}

function isFalse({ claim, outcome }: CorpusResult): boolean {
  return claim !== outcome && (claim === 'restored' || claim === 'columnOrder');
}

function isBad(result: CorpusResult): boolean {
  return result.claim !== result.outcome || !['restored', 'columnOrder'].includes(result.outcome);
}

function report({ project, migration, claim, outcome, message, differences, text }: CorpusResult): string {
  const seen = [message ?? '', ...differences.map((one) => JSON.stringify(one))].filter((each) => each !== '');
  return `===== ${project} ${migration}: claims ${claim}, is ${outcome}\n${seen.join('\n')}\n-----\n${text}\n`;
}
