import type { FactSource, LockMode, Work } from './effect.ts';
import type { TableName, Tree } from './mysqlTree.ts';
import { asTree, textOf } from './mysqlTree.ts';
import type { Operation } from './operation.ts';

export const ONLINE_DDL: FactSource = {
  url: 'https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html',
};
export const METADATA_LOCKS: FactSource = { url: 'https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html' };

/** One thing that a statement does to a table. */
export interface Doing {
  readonly table: TableName;
  readonly operation: Operation;
  readonly what: string;
  readonly lock: LockMode;
  readonly work: readonly Work[];
  readonly why: string;
  readonly object?: string | undefined;
  readonly source?: FactSource;
}

/** What one action of an ALTER TABLE does. `copies`: it says ALGORITHM=COPY. */
export function alterDoings(table: TableName, action: Tree, copies: boolean): Doing[] {
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

/** CREATE INDEX and ADD INDEX. */
export function indexDoing(table: TableName, kind: string | undefined, index: string | undefined): Doing {
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

export function renameDoing(table: TableName, to: string): Doing {
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

/** Done in place: only other DDL waits. */
export function online(
  table: TableName,
  operation: Operation,
  what: string,
  work: readonly Work[],
  why: string,
  object?: string,
): Doing {
  return { table, operation, what, lock: 'SHARE UPDATE EXCLUSIVE', work, object, why };
}

/** Metadata only, under a brief exclusive metadata lock. */
export function brief(
  table: TableName,
  operation: Operation,
  what: string,
  why: string,
  source: FactSource = ONLINE_DDL,
): Doing {
  return { table, operation, what, lock: 'ACCESS EXCLUSIVE', work: [], why, source };
}

export function rows(table: TableName, operation: Operation, what: string): Doing {
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
