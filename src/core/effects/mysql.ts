import type { Script, Statement } from '../sql/statement.ts';
import type { Effect, EffectCause, StatementEffects } from './effect.ts';
import { strongerLock } from './effect.ts';
import { alterDoings, brief, indexDoing, METADATA_LOCKS, online, ONLINE_DDL, renameDoing, rows } from './mysqlAlter.ts';
import type { Doing } from './mysqlAlter.ts';
import { asTree, keyOf, tablesOf, textOf, treesOf } from './mysqlTree.ts';
import type { TableName, Tree } from './mysqlTree.ts';

/**
 * What MySQL (8.0.29 and later, InnoDB) does, for the families that hurt most: ALTERs that copy the table, added indexes
 * and foreign keys, renames and drops. Locks are given in PostgreSQL's words, by what they stop: a copying ALTER lets
 * others read but not write, which is SHARE; an online one stops nobody but other DDL, which is SHARE UPDATE EXCLUSIVE;
 * a brief exclusive metadata lock is ACCESS EXCLUSIVE without work.
 */
export function mysqlScriptEffects(script: Script): readonly StatementEffects[] {
  const tables = new Tables();
  return script.statements.map((statement) => effectsOf(statement, tables));
}

/** Tables that the migration made itself: nobody else uses them yet. */
class Tables {
  readonly #made = new Map<string, number>();
  #next = 1;

  create(table: TableName): void {
    this.#made.set(keyOf(table), this.#next++);
  }
  drop(table: TableName): void {
    this.#made.delete(keyOf(table));
  }
  rename(from: TableName, to: TableName): void {
    const id = this.#made.get(keyOf(from));
    this.#made.delete(keyOf(from));
    if (id !== undefined) this.#made.set(keyOf(to), id);
  }
  idOf(table: TableName): number | null {
    return this.#made.get(keyOf(table)) ?? null;
  }
}

function effectsOf(statement: Statement, tables: Tables): StatementEffects {
  const place = { offset: statement.start, line: statement.startLine };
  const tree = asTree(statement.mysqlTree);
  if (statement.notAnalysed !== null || !tree) {
    return result([], tables, [{ reason: statement.notAnalysed ?? 'not read', ...place }]);
  }
  const doings = doingsOf(tree, statement.text);
  const opaque = doings === null ? [{ reason: `MySQL's ${statement.kind} is not looked into`, ...place }] : [];
  // What a name meant before the statement.
  const analysed = result(doings ?? [], tables, opaque);
  remember(tree, tables);
  return analysed;
}

function result(doings: readonly Doing[], tables: Tables, opaque: StatementEffects['opaque']): StatementEffects {
  const byTable = new Map<string, Doing[]>();
  for (const doing of doings) {
    const key = keyOf(doing.table);
    byTable.set(key, [...(byTable.get(key) ?? []), doing]);
  }
  const effects = [...byTable.values()].flatMap((group): Effect[] => {
    const [first] = group;
    if (!first) return [];
    const id = tables.idOf(first.table);
    const causes = group.map((doing): EffectCause => ({
      what: doing.what,
      lock: doing.lock,
      work: doing.work,
      why: doing.why,
      operation: doing.operation,
      ...(doing.object === undefined ? {} : { object: doing.object }),
      source: doing.source ?? ONLINE_DDL,
    }));
    return [
      {
        relation: { id, ...first.table, kind: 'table' },
        lock: causes.map(({ lock }) => lock).reduce(strongerLock),
        work: [...new Set(causes.flatMap(({ work }) => work))],
        newRelation: id !== null || first.operation === 'create table',
        // Every DDL statement commits by itself: https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html.
        held: 'statement',
        causes,
      },
    ];
  });
  return { effects, transactional: true, opaque, waitsFor: [], unknownRelations: [], unknownValues: [] };
}

/** Null: of a kind that is not looked into. */
function doingsOf(tree: Tree, text: string): Doing[] | null {
  const keyword = textOf(tree, 'keyword');
  switch (textOf(tree, 'type')) {
    case 'alter':
      return tablesOf(tree['table']).flatMap((table) => {
        const copies = /\bALGORITHM\s*=?\s*COPY\b/i.test(text);
        return treesOf(tree['expr']).flatMap((action) => alterDoings(table, action, copies));
      });
    case 'create':
      if (keyword === 'index')
        return tablesOf(tree['table']).map((table) =>
          indexDoing(table, textOf(tree, 'index_type'), textOf(tree, 'index')),
        );
      if (keyword !== 'table') return keyword === 'view' || keyword === 'trigger' || keyword === 'database' ? [] : null;
      return tablesOf(tree['table']).map((table) =>
        brief(table, 'create table', `CREATE TABLE ${table.name}`, 'The table is new: nobody uses it yet.'),
      );
    case 'drop':
      if (keyword === 'table') {
        return tablesOf(tree['name']).map((table) =>
          brief(
            table,
            'drop table',
            `DROP TABLE ${table.name}`,
            'The table and its rows are gone; what still uses it fails.',
            METADATA_LOCKS,
          ),
        );
      }
      if (keyword === 'index') {
        const index = textOf(asTree(tree['name']), 'column');
        return tablesOf(tree['table']).map((table) =>
          online(
            table,
            'drop index',
            `DROP INDEX ${index ?? ''}`,
            [],
            'Done in place, with a brief metadata lock.',
            index,
          ),
        );
      }
      return keyword === 'view' ? [] : null;
    case 'rename':
      return (Array.isArray(tree['table']) ? (tree['table'] as unknown[]) : []).flatMap((pair) => {
        const [from, to] = tablesOf(pair);
        return from && to ? [renameDoing(from, to.name)] : [];
      });
    case 'truncate':
      return tablesOf(tree['name']).map((table) =>
        brief(
          table,
          'truncate',
          `TRUNCATE ${table.name}`,
          'The table is dropped and made again, empty.',
          METADATA_LOCKS,
        ),
      );
    case 'delete':
    case 'update': {
      const verb = textOf(tree, 'type') === 'update' ? 'update' : 'delete';
      const all = !tree['where'] && !tree['limit'];
      return tablesOf(tree['table'])
        .slice(0, 1)
        .map((table) => rows(table, all ? `${verb} all rows` : verb, verb.toUpperCase()));
    }
    case 'insert':
    case 'replace':
      return tablesOf(tree['table']).map((table) => rows(table, 'insert', 'INSERT'));
    case 'select':
    case 'set':
    case 'transaction':
    case 'use':
    case 'show':
      return [];
    default:
      return null;
  }
}

/** What the statement makes, drops and renames, for the statements after it. */
function remember(tree: Tree, tables: Tables): void {
  const type = textOf(tree, 'type');
  const keyword = textOf(tree, 'keyword');
  if (type === 'create' && keyword === 'table') for (const table of tablesOf(tree['table'])) tables.create(table);
  if (type === 'drop' && keyword === 'table') for (const table of tablesOf(tree['name'])) tables.drop(table);
  if (type === 'rename') {
    for (const pair of Array.isArray(tree['table']) ? (tree['table'] as unknown[]) : []) {
      const [from, to] = tablesOf(pair);
      if (from && to) tables.rename(from, to);
    }
  }
  if (type === 'alter') {
    const renamed = treesOf(tree['expr']).find(
      (action) => textOf(action, 'resource') === 'table' && textOf(action, 'action') === 'rename',
    );
    const [from] = tablesOf(tree['table']);
    if (renamed && from) tables.rename(from, { schema: from.schema, name: textOf(renamed, 'table') ?? '' });
  }
}
