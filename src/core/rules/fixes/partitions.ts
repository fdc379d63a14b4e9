import { chooseConstraintName } from '../../catalog/generatedNames.ts';
import { columnNumbered, defaultPartition, isTable, resolveRelation } from '../../catalog/lookup.ts';
import type { TableRelation } from '../../catalog/catalog.ts';
import { qualifiedName, quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix } from '../rule.ts';
import { alterTableText } from './alterTable.ts';
import type { AlterTablePart } from './alterTable.ts';
import { placed } from './place.ts';
import type { Place } from './place.ts';
import { closedStatement, openLine } from './tokens.ts';
import type { Token } from './tokens.ts';

interface Partition {
  readonly part: AlterTablePart;
  readonly parent: TableRelation;
  readonly child: TableRelation;
  /** The child as SQL. */
  readonly written: string;
}

function partitionOf({ statement }: Place): Partition | null {
  const target = nodeAs(statement.statement.tree, 'AlterTableStmt')?.relation;
  const parent =
    target?.relname === undefined ? undefined : resolveRelation(statement.before, target.schemaname, target.relname);
  const altered = alterTableText(statement.statement);
  const [part] = altered?.parts ?? [];
  const name = nodeAs(part?.command.def, 'PartitionCmd')?.name;
  if (!parent || !isTable(parent) || !part || altered?.parts.length !== 1 || !name?.relname) return null;
  const child = resolveRelation(statement.before, name.schemaname, name.relname);
  if (!child || !isTable(child)) return null;
  return { part, parent, child, written: qualifiedName(name.schemaname, name.relname) };
}

/** ATTACH PARTITION after a CHECK that proves its bound, which is taken away afterwards. One plain column as key, and no default partition. */
export function attachFixes(place: Place): readonly Fix[] {
  const found = partitionOf(place);
  if (!found || defaultPartition(place.statement.before, found.parent) !== undefined) return [];
  const { part, parent, child, written } = found;
  const bound = isNotNull(found) ? boundCheck(part, parent, place.statement.statement.text) : null;
  if (bound === null) return [];
  const name = chooseConstraintName(place.statement.before, child.schema, {
    name1: child.name,
    name2: 'bound',
    label: 'check',
  });
  const { start, end, text } = place.statement.statement;
  const add = `ALTER TABLE ${written} ADD CONSTRAINT ${quoteIdentifier(name)} CHECK (${bound}) NOT VALID`;
  const closed = place.migration.migration.text.charAt(end - 1) === ';';
  return placed(place, {
    title: 'Prove the bound with a CHECK first, and attach',
    here: [{ start, end: closed ? end - 1 : end, newText: add }],
    pieces: [
      {
        name: `attach_${child.name}`,
        sql: [
          `ALTER TABLE ${written} VALIDATE CONSTRAINT ${quoteIdentifier(name)};`,
          closedStatement(text),
          `ALTER TABLE ${written} DROP CONSTRAINT ${quoteIdentifier(name)};`,
        ].join('\n'),
        runs: 'in a transaction',
      },
    ],
    rests: { names: [name], tables: [child.name, parent.name], columns: [] },
    tailFollows: mentions(place, [child.name, parent.name]),
  });
}

function isNotNull({ parent, child }: Partition): boolean {
  const [key] = parent.partitionKey?.columns ?? [];
  const name = key?.column == null ? undefined : columnNumbered(parent, key.column)?.name;
  return child.columns.some((column) => column.name === name && column.notNull);
}

function mentions({ statement, migration }: Place, names: readonly string[]): boolean {
  const later = migration.statements.slice(migration.statements.indexOf(statement) + 1);
  return later.some(
    ({ statement: { text }, effects }) => effects.opaque.length > 0 || names.some((name) => text.includes(name)),
  );
}

/** The partition constraint as PostgreSQL derives it from the bound; null for what is not written out here. */
function boundCheck(part: AlterTablePart, { partitionKey, ...parent }: TableRelation, text: string): string | null {
  const [key, ...others] = partitionKey?.columns ?? [];
  const column = key?.column == null ? undefined : columnNumbered({ ...parent, partitionKey }, key.column);
  if (!column || others.length > 0) return null;
  const name = quoteIdentifier(column.name);
  const lists = bracketsAfter(part.tokens, 'values').map((range) => text.slice(range.start, range.end).trim());
  const [first, second] = lists;
  if (partitionKey?.strategy === 'list' && first !== undefined && lists.length === 1) {
    return /\bnull\b/i.test(first) ? null : `${name} IS NOT NULL AND ${name} IN (${openLine(first)})`;
  }
  if (partitionKey?.strategy !== 'range' || first === undefined || second === undefined) return null;
  const from = /^minvalue$/i.test(first) ? [] : [`${name} >= ${openLine(first)}`];
  const to = /^maxvalue$/i.test(second) ? [] : [`${name} < ${openLine(second)}`];
  return [`${name} IS NOT NULL`, ...from, ...to].join(' AND ');
}

/** What stands in the outermost brackets after a word. */
function bracketsAfter(tokens: readonly Token[], word: string): readonly { start: number; end: number }[] {
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && text === word);
  const ranges: { start: number; end: number }[] = [];
  for (const { text, depth, start, end } of at < 0 ? [] : tokens.slice(at)) {
    if (depth !== 0) continue;
    if (text === '(') ranges.push({ start: end, end });
    const open = ranges.at(-1);
    if (text === ')' && open) ranges[ranges.length - 1] = { start: open.start, end: start };
  }
  return ranges;
}

/** DETACH PARTITION made CONCURRENTLY; the CHECK that it leaves behind is taken away, as the plain form leaves none. */
export function detachFixes(place: Place): readonly Fix[] {
  const found = partitionOf(place);
  if (!found || defaultPartition(place.statement.before, found.parent) !== undefined) return [];
  const { parent, child, written } = found;
  const [key, ...others] = parent.partitionKey?.columns ?? [];
  const column = key?.column == null ? undefined : columnNumbered(parent, key.column);
  const single = others.length === 0 && parent.partitionKey?.strategy !== 'hash' ? (column?.name ?? null) : null;
  const check = chooseConstraintName(place.statement.before, child.schema, {
    name1: child.name,
    name2: single,
    label: 'check',
  });
  const sql = closedStatement(place.statement.statement.text.trimEnd()).slice(0, -1);
  const word = /\bDETACH\b/.test(sql) ? 'CONCURRENTLY' : 'concurrently';
  return placed(place, {
    title: 'Detach concurrently',
    here: null,
    pieces: [
      { name: `detach_${child.name}`, sql: `${sql} ${word};`, runs: 'without a transaction' },
      {
        name: `detached_${child.name}`,
        sql: `ALTER TABLE ${written} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(check)};`,
        runs: 'in a transaction',
        note: 'DETACH … CONCURRENTLY leaves a CHECK like the bound behind.',
      },
    ],
    rests: { names: [check], tables: [child.name, parent.name], columns: [] },
    tailFollows: mentions(place, [child.name, parent.name]),
  });
}
