import type { Script, Statement } from '../sql/statement.ts';
import type { Effect, EffectCause, FactSource, LockMode, StatementEffects, Work } from './effect.ts';
import { strongerLock } from './effect.ts';
import type { Operation } from './operation.ts';

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

const ONLINE_DDL: FactSource = { url: 'https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html' };
const METADATA_LOCKS: FactSource = { url: 'https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html' };

/** node-sql-parser's tree: fields by name, whatever they are. */
type Tree = Readonly<Record<string, unknown>>;

interface TableName {
  readonly schema: string;
  readonly name: string;
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

interface Doing {
  readonly table: TableName;
  readonly operation: Operation;
  readonly what: string;
  readonly lock: LockMode;
  readonly work: readonly Work[];
  readonly why: string;
  readonly object?: string | undefined;
  readonly source?: FactSource;
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
  return { effects, transactional: true, opaque, waitsFor: [], unknownRelations: [] };
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

function alterDoings(table: TableName, action: Tree, copies: boolean): Doing[] {
  const doing = alterDoing(table, action);
  if (!doing || !copies || doing.operation === 'rename table') return doing ? [doing] : [];
  return [
    {
      ...doing,
      lock: 'SHARE',
      work: ['rewrite'],
      why: 'ALGORITHM=COPY copies the whole table; writes wait until it is done.',
    },
  ];
}

function alterDoing(table: TableName, action: Tree): Doing | null {
  const resource = textOf(action, 'resource');
  const verb = textOf(action, 'action');
  const column = textOf(asTree(action['column']), 'column');
  if (resource === 'column') {
    switch (verb) {
      case 'add':
        return addColumn(table, action, column ?? '');
      case 'drop':
        return {
          table,
          operation: 'drop column',
          what: `DROP COLUMN ${column ?? ''}`,
          lock: 'ACCESS EXCLUSIVE',
          work: [],
          object: column,
          why: 'Done at once from 8.0.29 on; before, the table is rebuilt in place. What still reads the column fails.',
        };
      case 'modify':
        return copying(
          table,
          'alter column type',
          `MODIFY ${column ?? ''}`,
          column,
          'A change of type copies the table; writes wait until it is done. Only a longer VARCHAR within the same number of length bytes, a new default or a new order of columns does not.',
        );
      case 'change': {
        const old = textOf(asTree(action['old_column']), 'column');
        if (old !== column)
          return { ...renamedColumn(table, old ?? '', column ?? ''), what: `CHANGE ${old ?? ''} ${column ?? ''}` };
        return copying(
          table,
          'alter column type',
          `CHANGE ${column ?? ''}`,
          column,
          'A change of type copies the table; writes wait until it is done.',
        );
      }
      case 'rename':
        return renamedColumn(table, textOf(asTree(action['old_column']), 'column') ?? '', column ?? '');
      default:
        return null;
    }
  }
  if (resource === 'index') return indexAction(table, action, verb);
  if (resource === 'constraint' && verb === 'add')
    return addConstraint(table, asTree(action['create_definitions']) ?? {});
  if (resource === 'key' || resource === 'constraint') return dropKey(table, action);
  if (resource === 'table' && verb === 'rename') return renameDoing(table, textOf(action, 'table') ?? '');
  if (resource === 'engine')
    return copying(
      table,
      'set access method',
      `ENGINE = ${textOf(action, 'engine') ?? ''}`,
      undefined,
      'The table is rebuilt; into another engine it is copied, and writes wait.',
    );
  return null;
}

function addColumn(table: TableName, action: Tree, column: string): Doing {
  const what = `ADD COLUMN ${column}`;
  const generated = textOf(asTree(action['generated']), 'storage_type');
  if (generated?.toLowerCase() === 'stored')
    return copying(
      table,
      'add column generated stored',
      what,
      column,
      'A stored generated column is computed for every row: the table is copied, and writes wait.',
    );
  if (action['auto_increment'])
    return copying(
      table,
      'add column serial',
      what,
      column,
      'An AUTO_INCREMENT column numbers every row: the table is rebuilt, and writes wait.',
    );
  return {
    table,
    operation: 'add column',
    what,
    lock: 'ACCESS EXCLUSIVE',
    work: [],
    object: column,
    why: 'Done at once (ALGORITHM=INSTANT from 8.0.12 on), with a brief metadata lock.',
  };
}

function indexAction(table: TableName, action: Tree, verb: string | undefined): Doing | null {
  const index = textOf(action, 'index');
  if (verb === 'add') return indexDoing(table, textOf(action, 'keyword'), index);
  if (verb === 'drop')
    return online(
      table,
      'drop index',
      `DROP INDEX ${index ?? ''}`,
      [],
      'Done in place, with a brief metadata lock.',
      index,
    );
  return null;
}

function indexDoing(table: TableName, kind: string | undefined, index: string | undefined): Doing {
  const what = `index ${index ?? ''}`.trim();
  if (/fulltext|spatial/i.test(kind ?? '')) {
    return {
      table,
      operation: 'create index',
      what,
      lock: 'SHARE',
      work: ['index build'],
      object: index,
      why: 'A FULLTEXT or SPATIAL index is built in place, but writes wait until it is done.',
    };
  }
  const why =
    'Built in place: reads and writes go on, but a replica applies it after the source and lags by its whole time.';
  return online(table, 'create index', what, ['index build'], why, index);
}

function addConstraint(table: TableName, definition: Tree): Doing | null {
  const type = textOf(definition, 'constraint_type')?.toLowerCase() ?? '';
  const name = textOf(definition, 'constraint') ?? textOf(definition, 'index');
  const what = `${type} ${name ?? ''}`.trim();
  if (type === 'foreign key') {
    const why =
      'With foreign_key_checks on, the table is copied to check every row: writes wait until it is done. With foreign_key_checks = 0 it is added at once, unchecked.';
    return copying(table, 'add foreign key', what, name, why);
  }
  if (type === 'primary key')
    return online(
      table,
      'add primary key',
      what,
      ['rewrite', 'index build'],
      'The table is rebuilt in place in the order of its new key; writes go on.',
      name,
    );
  if (type.startsWith('unique'))
    return online(table, 'add unique', what, ['index build'], 'The index is built in place; writes go on.', name);
  if (type === 'check')
    return copying(
      table,
      'add check',
      what,
      name,
      'A CHECK is added by copying the table: every row is checked, and writes wait.',
    );
  return null;
}

function dropKey(table: TableName, action: Tree): Doing | null {
  if (textOf(action, 'keyword') === 'primary key')
    return copying(
      table,
      'drop constraint',
      'DROP PRIMARY KEY',
      undefined,
      'Without a new primary key in the same ALTER the table is copied, and writes wait.',
    );
  const name = textOf(action, 'key') ?? textOf(action, 'constraint');
  return online(
    table,
    'drop constraint',
    `DROP CONSTRAINT ${name ?? ''}`,
    [],
    'Done in place, with a brief metadata lock.',
    name,
  );
}

function renamedColumn(table: TableName, from: string, to: string): Doing {
  return {
    table,
    operation: 'rename column',
    what: `RENAME COLUMN ${from} TO ${to}`,
    lock: 'ACCESS EXCLUSIVE',
    work: [],
    object: from,
    why: 'Done at once; code that uses the old name fails from then on.',
  };
}

function renameDoing(table: TableName, to: string): Doing {
  return brief(
    table,
    'rename table',
    `RENAME TO ${to}`,
    'Done at once; code that uses the old name fails from then on.',
    METADATA_LOCKS,
  );
}

function copying(table: TableName, operation: Operation, what: string, object: string | undefined, why: string): Doing {
  return { table, operation, what, lock: 'SHARE', work: ['rewrite'], object, why };
}

function online(
  table: TableName,
  operation: Operation,
  what: string,
  work: readonly Work[],
  why: string,
  object?: string,
): Doing {
  return { table, operation, what, lock: 'SHARE UPDATE EXCLUSIVE', work, object, why };
}

function brief(
  table: TableName,
  operation: Operation,
  what: string,
  why: string,
  source: FactSource = ONLINE_DDL,
): Doing {
  return { table, operation, what, lock: 'ACCESS EXCLUSIVE', work: [], why, source };
}

function rows(table: TableName, operation: Operation, what: string): Doing {
  const source = { url: 'https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html' };
  return {
    table,
    operation,
    what,
    lock: 'ROW EXCLUSIVE',
    work: ['rows'],
    why: 'Rows that it changes stay locked until the transaction ends.',
    source,
  };
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

function keyOf({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}

function asTree(value: unknown): Tree | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : undefined;
}

function treesOf(value: unknown): Tree[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((each) => asTree(each) ?? []);
}

function tablesOf(value: unknown): TableName[] {
  return treesOf(value).flatMap((each) => {
    const name = textOf(each, 'table');
    return name === undefined ? [] : [{ schema: textOf(each, 'db') ?? '', name }];
  });
}

function textOf(tree: Tree | undefined, field: string): string | undefined {
  const value = tree?.[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
