/**
 * What kind of thing a cause of an effect does. Rules select on it; they never look at parse trees for locks.
 *
 * One name per behaviour, not per syntax: `ADD COLUMN n int DEFAULT 7` is `add column`, with `DEFAULT random()` it is
 * also `add column volatile default`. A cause's `work` says whether it is brief *here*: `set not null` after a valid
 * CHECK has no work, and a `foreign key` added to an empty new table is brief by being new.
 */
export const OPERATIONS = [
  // Reads and rows
  'select',
  'select for update',
  'insert',
  'update',
  /** UPDATE or DELETE without a WHERE, or with one that is always true, comes as this *in place of* `update`/`delete`. */
  'update all rows',
  'delete',
  'delete all rows',
  'merge',
  'copy in',
  'copy out',
  'truncate',
  'truncate cascade',
  'lock table',
  /** A foreign key's own query: the referenced row looked up, or a cascading action on the referencing table. */
  'foreign key check',
  'foreign key action',

  // Tables
  'create table',
  'create table as',
  'create table like',
  'create partition',
  'create inheritance child',
  'attach partition',
  'detach partition',
  'detach partition concurrently',
  'detach partition finalize',
  'inherit',
  'no inherit',
  'drop table',
  'rename table',
  'set schema',
  'change owner',
  'set logged',
  'set unlogged',
  'set tablespace',
  'set access method',
  /** SET (…) and RESET (…) of storage parameters. */
  'set storage parameters',
  'replica identity',
  'cluster on',
  'row security',
  'of type',

  // Columns
  /** Metadata only, whatever else the same ADD COLUMN does. */
  'add column',
  'add column volatile default',
  'add column serial',
  'add column identity',
  'add column generated stored',
  'add column generated virtual',
  'add column constrained domain',
  /** NOT NULL without a default: fails where there are rows. */
  'add column not null',
  'drop column',
  'rename column',
  'alter column type',
  /** An index that a type change builds again. */
  'rebuild index',
  'recheck constraint',
  'set default',
  'drop default',
  'set not null',
  'drop not null',
  'add identity',
  'set identity',
  'drop identity',
  'set expression',
  'drop expression',
  'set statistics',
  'set storage',
  'set compression',
  'set column options',

  // Constraints
  'add check',
  'add check not valid',
  'add check not enforced',
  'add not null',
  'add not null not valid',
  'add foreign key',
  'add foreign key not valid',
  'add foreign key not enforced',
  'add unique',
  'add unique using index',
  'add primary key',
  'add primary key using index',
  'add exclude',
  'validate constraint',
  'alter constraint',
  'drop constraint',
  'rename constraint',

  // Indexes
  'create index',
  /** CREATE INDEX … ON ONLY a partitioned table: an empty frame. */
  'create index only',
  'create index concurrently',
  /** IF NOT EXISTS and it exists: takes the lock, builds nothing. */
  'create index already there',
  'drop index',
  'drop index concurrently',
  'rename index',
  'alter index',
  'attach index',
  'reindex',
  'reindex concurrently',

  // Maintenance
  'vacuum',
  'vacuum full',
  'analyze',
  'cluster',
  'refresh materialized view',
  'refresh materialized view concurrently',

  // Views, triggers, rules, policies, statistics, publications
  'create view',
  'replace view',
  'create materialized view',
  'drop view',
  'drop materialized view',
  'alter view',
  'create trigger',
  'drop trigger',
  'alter trigger',
  'enable trigger',
  'disable trigger',
  'create rule',
  'drop rule',
  'alter rule',
  'create policy',
  'alter policy',
  'drop policy',
  'create statistics',
  'drop statistics',
  'alter statistics',
  'publication',
  'comment',
  'grant',
  'security label',

  // Sequences
  'create sequence',
  'alter sequence',
  'sequence owned by',
  'drop sequence',
  'use sequence',

  // Types, domains, schemas, extensions: what reaches tables through them
  'alter domain',
  'alter domain add constraint',
  'alter domain set not null',
  'alter domain validate constraint',
  'alter type',
  'drop type',
  'drop schema',
  'alter extension',
  'drop extension',
  'drop owned',
  'drop function',

  /** A function's body, or a DO block, that the statement runs. Its own causes carry their own operations. */
  'call function',
] as const;

export type Operation = (typeof OPERATIONS)[number];
