import { qualifiedName } from '../sql/quote.ts';
import {
  LARGEST_STATISTICS_FILE,
  type ColumnStatistics,
  type DatabaseFacts,
  type RelationStatistics,
  type Statistics,
} from './statistics.ts';

export interface ParsedStatistics {
  /** Null where the text is not such a file at all. */
  readonly statistics: Statistics | null;
  /** What was wrong, in words, at most twenty; each such part is left out. */
  readonly problems: readonly string[];
}

const MOST_RELATIONS = 100_000;
const MOST_PROBLEMS = 20;
/** A name holds 63 bytes on an ordinary server. */
const LONGEST_NAME = 255;
const LONGEST_SETTING = 100;

/**
 * Reads `.lockkeeper/statistics/<environment>.json`, or what a person pasted of the query's output (psql's frame and a
 * CSV cell's quotes are taken off). The text comes from a repository, so nothing in it is trusted: only the keys that
 * the format knows are taken, and every number is checked. Total.
 */
export function parseStatistics(text: string): ParsedStatistics {
  const problems: string[] = [];
  const content = jsonIn(text, problems);
  if (content === undefined) return { statistics: null, problems };
  const file = objectOf(content);
  if (file === null) return { statistics: null, problems: ['it is not a JSON object'] };
  if (file['format'] !== 1)
    return {
      statistics: null,
      problems: [`it has the format ${shown(file['format'])}, and this version reads format 1`],
    };
  const takenAt = timeOf(file['takenAt']);
  if (takenAt === null) return { statistics: null, problems: ['"takenAt" is not a time'] };
  const note = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
  };
  const listed = file['relations'];
  if (!Array.isArray(listed)) note('"relations" is not a list');
  const entries: readonly unknown[] = Array.isArray(listed) ? listed : [];
  if (entries.length > MOST_RELATIONS) note(`only the first ${MOST_RELATIONS} of ${entries.length} relations are read`);
  const relations = new Map<string, RelationStatistics>();
  for (const [place, entry] of entries.slice(0, MOST_RELATIONS).entries()) {
    const relation = relationOf(entry, (what) => {
      note(`relation ${place + 1}: ${what}`);
    });
    if (relation === null) continue;
    const key = qualifiedName(relation.schema, relation.name);
    if (relations.has(key)) note(`${key} is listed twice; the first counts`);
    else relations.set(key, relation);
  }
  return {
    statistics: {
      format: 1,
      environment: nameOf(file['environment']),
      takenAt,
      serverVersion: textOf(file['serverVersion'], LONGEST_SETTING) ?? 'unknown',
      database: databaseOf(objectOf(file['database']) ?? {}),
      relations,
    },
    problems,
  };
}

function jsonIn(text: string, problems: string[]): unknown {
  if (text.length > LARGEST_STATISTICS_FILE) {
    problems.push('it is larger than any statistics can be');
    return undefined;
  }
  const begin = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (begin === -1 || end < begin) {
    problems.push('it holds no JSON');
    return undefined;
  }
  const bare = text.slice(begin, end + 1);
  // A cell that was copied as CSV: every quote twice.
  const unquoted = /^\{\s*""/.test(bare) ? bare.replaceAll('""', '"') : bare;
  try {
    return JSON.parse(unquoted) as unknown;
  } catch {
    problems.push('it is not valid JSON');
    return undefined;
  }
}

function relationOf(entry: unknown, note: (what: string) => void): RelationStatistics | null {
  const raw = objectOf(entry);
  const schema = nameOf(raw?.['schema']);
  const name = nameOf(raw?.['name']);
  if (raw === null || schema === null || name === null) {
    note('it has no "schema" and "name"');
    return null;
  }
  const label = qualifiedName(schema, name);
  const kind = KINDS.find((one) => one === raw['kind']);
  const bytes = countOf(raw['bytes']);
  if (kind === undefined || bytes === null) {
    note(`${label} has no ${kind === undefined ? '"kind" that is known' : '"bytes" of 0 or more'}`);
    return null;
  }
  const rows = countOf(raw['rows']);
  if (rows === null && raw['rows'] !== null) note(`${label}: "rows" is not a number of 0 or more`);
  const indexes = Object.entries(objectOf(raw['indexes']) ?? {}).flatMap(([index, value]) => {
    const size = countOf(value);
    return size === null || nameOf(index) === null ? [] : [[index, size] as const];
  });
  const columns = Object.entries(objectOf(raw['columns']) ?? {}).flatMap(([column, value]) => {
    const read = nameOf(column) === null ? null : columnOf(objectOf(value));
    if (read === null) note(`${label}: the numbers of column ${shown(column)} make no sense`);
    return read === null ? [] : [[column, read] as const];
  });
  const writes = objectOf(raw['writes']) ?? {};
  return {
    schema,
    name,
    kind,
    rows,
    bytes,
    indexBytes: countOf(raw['indexBytes']) ?? 0,
    indexes: record(indexes),
    columns: record(columns),
    partitionOf: rootOf(raw['partitionOf']),
    writes: {
      inserted: countOf(writes['inserted']) ?? 0,
      updated: countOf(writes['updated']) ?? 0,
      deleted: countOf(writes['deleted']) ?? 0,
    },
    analyzedAt: timeOf(raw['analyzedAt']),
  };
}

const KINDS = ['table', 'partitioned table', 'materialized view'] as const;

function columnOf(raw: Readonly<Record<string, unknown>> | null): ColumnStatistics | null {
  if (raw === null) return null;
  const nullFraction = between(raw['nullFraction'], 0, 1);
  const distinct = between(raw['distinct'], -1, 1e18);
  const width = between(raw['width'], 0, 1e9);
  if (nullFraction === null || distinct === null || width === null) return null;
  return { nullFraction, distinct, width, correlation: between(raw['correlation'], -1, 1) };
}

function databaseOf(raw: Readonly<Record<string, unknown>>): DatabaseFacts {
  const settings = Object.entries(objectOf(raw['settings']) ?? {}).flatMap(([name, value]) => {
    const text = textOf(value, LONGEST_SETTING);
    return text === null || !/^[a-z_.]{1,63}$/i.test(name) ? [] : [[name, text] as const];
  });
  const identifier = textOf(raw['systemIdentifier'], 20);
  return {
    bytes: countOf(raw['bytes']),
    systemIdentifier: identifier !== null && /^\d{1,20}$/.test(identifier) ? identifier : null,
    statisticsSince: timeOf(raw['statisticsSince']),
    countedSeconds: countOf(raw['countedSeconds']),
    settings: record(settings.slice(0, 100)),
  };
}

/** The query gives `{schema, name}`, the file the name as `relations` has it. */
function rootOf(value: unknown): string | null {
  const raw = objectOf(value);
  const schema = nameOf(raw?.['schema']);
  const name = nameOf(raw?.['name']);
  return schema !== null && name !== null ? qualifiedName(schema, name) : textOf(value, 2 * LONGEST_NAME + 5);
}

/** Sorted, so that the file is. An object whose keys come from outside: none of them may be a property that objects have anyway. */
function record<Value>(entries: readonly (readonly [string, Value])[]): Readonly<Record<string, Value>> {
  const made = Object.create(null) as Record<string, Value>;
  for (const [key, value] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) made[key] = value;
  return made;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

function between(value: unknown, least: number, most: number): number | null {
  return typeof value === 'number' && value >= least && value <= most ? value : null;
}

function countOf(value: unknown): number | null {
  const count = between(value, 0, Number.MAX_SAFE_INTEGER);
  return count === null ? null : Math.round(count);
}

function textOf(value: unknown, longest: number): string | null {
  return typeof value === 'string' && value.length <= longest ? value : null;
}

function nameOf(value: unknown): string | null {
  const name = textOf(value, LONGEST_NAME);
  return name === null || name === '' || name.includes('\0') ? null : name;
}

/** RFC 3339. */
const TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function timeOf(value: unknown): string | null {
  const text = textOf(value, 40);
  return text !== null && TIME.test(text) ? text : null;
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 80);
}
