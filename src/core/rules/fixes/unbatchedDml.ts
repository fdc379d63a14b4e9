import type { ServerMajor } from '../../catalog/catalog.ts';
import type { Fix } from '../rule.ts';
import { nodeAs } from '../../sql/tree.ts';
import { BATCH_ROWS, batchPiece, keysetBatches } from './keysetBatches.ts';
import type { Batches } from './keysetBatches.ts';
import { placed } from './place.ts';
import { linesWithoutTransaction } from './toolForms.ts';
import { runnerName } from '../../tools/runnerName.ts';
import type { Place } from './place.ts';
import { fillingUpdate, setNotNullFixes } from './setNotNull.ts';

/** An UPDATE or DELETE of many rows in batches by key, each committed, in a migration of its own. */
export function batchFixes(place: Place & { readonly settings: { readonly major: ServerMajor } }): readonly Fix[] {
  const { statement, migration } = place;
  // Within the script's own transaction, all or nothing was meant.
  if (statement.transaction.openedBy === 'script') return [];
  const batches = keysetBatches(statement);
  if (!batches) return [];
  const set = thenNotNull(place, batches);
  if (set.length > 0) return set;
  const { name } = batches.table;
  const later = migration.statements.slice(migration.statements.indexOf(statement) + 1);
  return placed(place, {
    title: `Change ${String(BATCH_ROWS)} rows at a time`,
    here: null,
    pieces: [batchPiece(batches, statement.statement.kind === 'DELETE' ? `delete_from_${name}` : `fill_${name}`)],
    // Whatever speaks of the table later may count on the rows as they are then: a UNIQUE index, a CHECK to be validated.
    rests: { names: [name], tables: batches.tables, columns: [...batches.key, ...batches.columns] },
    // What comes after it counts on the rows as they are then.
    tailFollows: later.some(({ statement: { text }, effects }) => effects.opaque.length > 0 || text.includes(name)),
  });
}

/** The batches to be written or run by a person, where no file is made for them; undefined where one is, or no key is known. */
export function batchesByHand({ statement, migration, history }: Place): { readonly instead?: string } {
  const piece = { name: '', sql: '', runs: 'committing' } as const;
  const lines = linesWithoutTransaction(history, migration.migration, piece);
  const batches = lines === '' ? null : keysetBatches(statement);
  if (!batches) return {};
  const tool = runnerName(history) ?? 'the tool';
  return {
    instead: `${lines ?? `-- by hand, with psql: ${tool} would run it in a transaction, where no batch can be committed\n`}${batches.sql}`,
  };
}

/** Where a later statement of the file sets a column NOT NULL that this one fills, the two belong together. */
function thenNotNull(place: Parameters<typeof batchFixes>[0], { table, assigned }: Batches): readonly Fix[] {
  const { statements } = place.migration;
  for (const statement of statements.slice(statements.indexOf(place.statement) + 1)) {
    const altered = nodeAs(statement.statement.tree, 'AlterTableStmt');
    if (altered?.relation?.relname !== table.name) continue;
    for (const node of altered.cmds ?? []) {
      const command = nodeAs(node, 'AlterTableCmd');
      if (command?.subtype !== 'AT_SetNotNull' || !assigned.includes(command.name ?? '')) continue;
      if (fillingUpdate({ ...place, statement }, table, command.name ?? '') !== place.statement) continue;
      const { major } = place.settings;
      return setNotNullFixes({ ...place, statement }, { column: command.name ?? '', table: table.id, major });
    }
  }
  return [];
}
