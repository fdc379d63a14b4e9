import type { HistoryFile, Migration } from './tool.ts';
import type { ToolDefinition, ToolInput, ToolReading } from './toolDefinition.ts';

/** lib/App/Sqitch/Target.pm: the default folders; another top_dir is the folder in which the plan lies. */
const SCRIPT = /^(deploy|revert|verify)\/(.+)\.sql$/;

/**
 * sqitch: the plan gives the order; `deploy/`, `revert/` and `verify/` hold one script each for a change. Scripts are run by
 * psql with ON_ERROR_STOP (lib/App/Sqitch/Engine/pg.pm), so that a transaction is what the script itself opens. A change
 * that was reworked keeps its first scripts under `name@tag.sql`.
 */
export const sqitch: ToolDefinition = {
  id: 'sqitch',
  name: 'sqitch',
  source: 'https://github.com/sqitchers/sqitch/blob/develop/lib/App/Sqitch/Plan.pm',
  // revert/ and verify/ are run by commands of their own.
  picksUp: (path) => SCRIPT.exec(path)?.[1] === 'deploy',
  reads: (path) => SCRIPT.test(path) || path === 'sqitch.plan',
  read,
  rollbackPlace: (migration) => ({
    path: migration.path.replace(/^deploy\//, 'revert/'),
    form: 'file',
    section: null,
    transactionMode: 'autocommit',
    runBy: `sqitch revert --to ${migration.id}^`,
  }),
  historyTable: { schema: 'sqitch', name: 'changes', idColumn: 'change', checksumColumn: null },
};

function read({ files }: ToolInput): ToolReading {
  const texts = new Map(files.map((file) => [file.path, file]));
  const ignored: { path: string; reason: string }[] = [];
  const planned = plannedChanges(texts.get('sqitch.plan')?.text ?? '');
  const migrations = planned.flatMap((id): Omit<Migration, 'tool'>[] => {
    const deploy = texts.get(`deploy/${id}.sql`);
    if (deploy === undefined) {
      ignored.push({ path: 'sqitch.plan', reason: `the change "${id}" has no deploy/${id}.sql` });
      return [];
    }
    const revert = texts.get(`revert/${id}.sql`);
    return [
      {
        id,
        path: deploy.path,
        text: deploy.text,
        range: whole(deploy),
        transactionMode: 'autocommit',
        rollback: revert === undefined ? null : { ...revert, range: whole(revert) },
      },
    ];
  });
  const known = new Set(planned);
  for (const { path } of files) {
    const [, kind, name] = SCRIPT.exec(path) ?? [];
    if (kind === 'deploy' && name !== undefined && !known.has(name))
      ignored.push({ path, reason: 'not in sqitch.plan' });
  }
  return { migrations, ignored };
}

/** Names of changes in the plan's order; an earlier form of a reworked change with its tag: `users@v1.0`. */
function plannedChanges(plan: string): string[] {
  const entries: { readonly change: string | null; readonly tag: string | null }[] = [];
  for (const line of plan.split(/\r?\n/)) {
    const word = /^\s*([^\s#%][^\s]*)/.exec(line)?.[1];
    if (word === undefined) continue;
    if (word.startsWith('@')) entries.push({ change: null, tag: word.slice(1) });
    // `-name` undoes a change of older plans; `+name` makes one.
    else if (!word.startsWith('-')) entries.push({ change: word.replace(/^\+/, ''), tag: null });
  }
  return entries.flatMap(({ change }, index) => {
    if (change === null) return [];
    const again = entries.findIndex((entry, later) => later > index && entry.change === change);
    if (again === -1) return [change];
    const tag = entries.slice(index, again).find((entry) => entry.tag !== null)?.tag;
    return [tag === undefined || tag === null ? change : `${change}@${tag}`];
  });
}

function whole({ text }: HistoryFile): { start: number; end: number } {
  return { start: 0, end: text.length };
}
