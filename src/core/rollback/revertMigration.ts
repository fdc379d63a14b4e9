import type { MigrationAnalysis } from '../analyze.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { hasColumns, isTable } from '../catalog/lookup.ts';
import { newMigrations } from '../rules/fixes/newMigrations.ts';
import type { NewFile } from '../rules/fixes/newMigrations.ts';
import type { Piece } from '../rules/fixes/piece.ts';
import type { History } from '../tools/tool.ts';
import { synthesizeRollback } from './rollback.ts';
import type { Rollback } from './rollback.ts';

/** A migration that leads forward to the schema before another one, in the tool's own form. */
export interface RevertMigration {
  /** In the order in which the tool runs them; more than one where CONCURRENTLY needs a file of its own. */
  readonly files: readonly NewFile[];
  readonly rollback: Rollback;
  /** What to deploy first, code or migration, one sentence each. */
  readonly order: readonly string[];
  /** Later migrations that the new one does not look at: it is made for the schema right after the reverted one. */
  readonly later: readonly string[];
}

/** Makes the revert migration, or says why there is none. Writes nothing. */
export function revertMigration(
  migration: MigrationAnalysis,
  history: History,
): RevertMigration | { readonly reason: string } {
  const rollback = synthesizeRollback(migration, history);
  const { id } = migration.migration;
  if (rollback.declined !== null) return { reason: `${id} can't be undone: ${rollback.declined}` };
  if (rollback.steps.length === 0) return { reason: `${id} did not change the schema: there is nothing to revert.` };
  const files = newMigrations(history, migration.migration, piecesOf(rollback, id));
  if (files === null) {
    return {
      reason:
        history.tool === 'sqitch'
          ? 'sqitch goes back by itself: "sqitch revert", or "sqitch rework" for a change of its own.'
          : `The names in ${history.id} tell no next version, or its tool can't run these statements. Copy the script of "lockkeeper rollback --print ${id}".`,
    };
  }
  const at = history.migrations.findIndex((one) => one.id === id);
  return {
    files,
    rollback,
    order: orderOf(migration.before, migration.after),
    later: history.migrations.slice(at + 1).map((one) => one.id),
  };
}

/** Neighbours that may share a transaction stay together. */
function piecesOf({ steps, grade }: Rollback, id: string): Piece[] {
  const words =
    id
      .replace(/^.*\//, '')
      .replace(/\.sql$/i, '')
      .replace(/^[VR]?[\d._]+_*/, '') || id;
  const lost = [
    ...grade.data.before.lost.map((one) => `Not brought back: ${one}.`),
    ...grade.data.since.lost.map((one) => `Lost: ${one}.`),
  ];
  const note = [`Reverts ${id}.`, ...lost].map((line) => line.replaceAll(/\s+/g, ' ')).join('\n');
  const groups: { texts: string[]; alone: boolean }[] = [];
  for (const { sql, nonTransactional, remark } of steps) {
    const text = `${remark === null ? '' : `-- ${remark.replaceAll(/\s+/g, ' ')}\n`}${sql};`;
    const last = groups.at(-1);
    if (!nonTransactional && last?.alone === false) last.texts.push(text);
    else groups.push({ texts: [text], alone: nonTransactional });
  }
  return groups.map(({ texts, alone }, index) => ({
    name: `revert_${words}${groups.length > 1 ? `_${index + 1}` : ''}`,
    sql: texts.join('\n'),
    runs: alone ? 'without a transaction' : 'in a transaction',
    ...(index === 0 ? { note } : {}),
  }));
}

/** Code must not need what goes, and may need what comes back only when it is there. */
function orderOf(before: Catalog, after: Catalog): readonly string[] {
  const goes = [...namesOf(after)].filter((name) => !namesOf(before).has(name));
  const comes = [...namesOf(before)].filter((name) => !namesOf(after).has(name));
  const order: string[] = [];
  if (goes.length > 0) order.push(`First deploy code that does without ${listed(goes)}, then this migration.`);
  if (comes.length > 0) order.push(`Deploy code that needs ${listed(comes)} only after this migration.`);
  if (order.length === 0)
    order.push('Code that works with both versions may be deployed before or after this migration.');
  return order;
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

const known = new WeakMap<Catalog, ReadonlySet<string>>();

/** Tables, views, and columns of tables, as people name them. */
function namesOf(catalog: Catalog): ReadonlySet<string> {
  let names = known.get(catalog) as Set<string> | undefined;
  if (names !== undefined) return names;
  names = new Set();
  for (const relation of catalog.relations.values()) {
    if (!hasColumns(relation) || relation.kind === 'composite type') continue;
    names.add(relation.name);
    if (isTable(relation)) for (const column of relation.columns) names.add(`${relation.name}.${column.name}`);
  }
  known.set(catalog, names);
  return names;
}
