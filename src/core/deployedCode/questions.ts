import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { Catalog, Column } from '../catalog/catalog.ts';
import { hasColumns, relationAt } from '../catalog/lookup.ts';
import type { Effect } from '../effects/effect.ts';
import type { CodeQuestion } from './deployedCode.ts';

/** A question, and the statement that raises it. */
export interface AskedQuestion {
  readonly question: CodeQuestion;
  readonly statement: StatementAnalysis;
}

const kept = new WeakMap<MigrationAnalysis, readonly AskedQuestion[]>();

/**
 * What a migration takes away from running code, or newly demands of it: columns and tables that have gone or have
 * another name, and columns that are NOT NULL without a default now. By comparing the catalogs around the migration, so
 * that what it does inside of a DO block counts too. Asked once an analysis.
 */
export function codeQuestions(migration: MigrationAnalysis): readonly AskedQuestion[] {
  let asked = kept.get(migration);
  if (asked === undefined) {
    asked = ask(migration);
    kept.set(migration, asked);
  }
  return asked;
}

/** Operations after which a name may be missing, or a value needed. */
const OF_INTEREST: ReadonlySet<string> = new Set([
  'drop column',
  'rename column',
  'drop table',
  'rename table',
  'set schema',
  'drop schema',
  'drop view',
  'drop owned',
  'drop extension',
  'set not null',
  'add not null',
  'add not null not valid',
  'add column not null',
  'add primary key',
  'add primary key using index',
  'drop default',
]);

/** Whether a statement may take something away from running code, or newly demand something of it. */
export function mayTakeAway({ effects }: StatementAnalysis): boolean {
  return effects.effects.some(
    ({ newRelation, causes }) => !newRelation && causes.some(({ operation }) => OF_INTEREST.has(operation)),
  );
}

function ask(migration: MigrationAnalysis): readonly AskedQuestion[] {
  const { before, after } = migration;
  const found = new Map<string, AskedQuestion & { readonly isNamed: boolean }>();
  const add = (statement: StatementAnalysis, question: CodeQuestion, effect: Effect): void => {
    const key = `${question.kind} ${question.schema}.${question.table}.${question.column ?? ''}`;
    // Told at the first statement that names the column, else at the first that may do it (a primary key, a DO block).
    const isNamed = effect.causes.some(({ object }) => object !== undefined && object === question.column);
    const known = found.get(key);
    if (!known || (isNamed && !known.isNamed)) found.set(key, { question, statement, isNamed });
  };
  for (const statement of migration.statements) {
    for (const effect of statement.effects.effects) {
      if (effect.newRelation || !effect.causes.some(({ operation }) => OF_INTEREST.has(operation))) continue;
      const questions =
        effect.relation.id === null
          ? ofUnknown(effect)
          : ofKnown(effect.relation.id, before, after, new Set(effect.causes.flatMap(({ object }) => object ?? [])));
      for (const question of questions) add(statement, question, effect);
    }
  }
  return [...found.values()];
}

/** @param objects what the statement names: of several statements each asks about its own columns */
function ofKnown(id: number, before: Catalog, after: Catalog, objects: ReadonlySet<string>): readonly CodeQuestion[] {
  const old = before.relations.get(id);
  if (!old || !hasColumns(old) || old.kind === 'composite type') return [];
  if ('partitionOf' in old && old.partitionOf !== null) return [];
  const place = { schema: old.schema, table: old.name };
  // A view in the old place answers for a table that was renamed.
  const now = relationAt(after, old.schema, old.name);
  if (!now || !hasColumns(now)) return [{ kind: 'table gone', ...place, column: null }];
  const questions: CodeQuestion[] = [];
  for (const column of old.columns) {
    const same = now.columns.find(({ name }) => name === column.name);
    if (!same) {
      // By number a renamed column is told from one that another statement drops.
      const isConcerned = objects.has(column.name) || objects.size === 0;
      if (isConcerned) questions.push({ kind: 'column gone', ...place, column: column.name });
    } else if (isRequired(same) && !isRequired(column) && now.kind !== 'view') {
      questions.push({ kind: 'column required', ...place, column: column.name });
    }
  }
  const known = new Set(old.columns.map(({ name }) => name));
  for (const column of now.columns)
    if (!known.has(column.name) && isRequired(column) && now.kind !== 'view' && !isRenamed(column, old.columns))
      questions.push({ kind: 'column required', ...place, column: column.name });
  return questions;
}

/** An INSERT that does not name it fails. */
function isRequired({ notNull, default: value, identity, generated }: Column): boolean {
  return notNull && value === null && identity === null && generated === null;
}

function isRenamed(column: Column, old: readonly Column[]): boolean {
  return old.some(({ number }) => number === column.number);
}

/** A table that the history never made: only what the statement says is known. */
function ofUnknown({ relation, causes }: Effect): readonly CodeQuestion[] {
  const place = { schema: relation.schema, table: relation.name };
  return causes.flatMap(({ operation, object }): CodeQuestion[] => {
    switch (operation) {
      case 'drop table':
      case 'rename table':
      case 'set schema':
        return [{ kind: 'table gone', ...place, column: null }];
      case 'drop column':
      case 'rename column':
        return object === undefined ? [] : [{ kind: 'column gone', ...place, column: object }];
      case 'add column not null':
        return object === undefined ? [] : [{ kind: 'column required', ...place, column: object }];
      default:
        return [];
    }
  });
}
