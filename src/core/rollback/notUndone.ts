import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { replayStatement } from '../catalog/replay.ts';
import { nodeAs } from '../sql/tree.ts';
import { notFollowed } from './notFollowed.ts';

/** Kinds of statements about things of the whole server, which no schema holds. They stay as the migration left them. */
const SERVER_WIDE =
  /\b(ROLE|USER|GROUP|DATABASE|TABLESPACE|SYSTEM|SUBSCRIPTION)$|^(CREATE|ALTER|DROP) (ROLE|USER|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION)|^ALTER SYSTEM/;

/** Reasons why the schema before a migration can't be brought back, because the history does not tell what it did. */
export function whyNotKnown(migration: MigrationAnalysis): readonly string[] {
  const reasons: string[] = [];
  for (const analysis of migration.statements) {
    const { statement, effects } = analysis;
    const at = `line ${statement.startLine}`;
    if (statement.error !== null) reasons.push(`${at} does not parse (${statement.error.message})`);
    else if (statement.notAnalysed !== null) reasons.push(`${at} was not analysed (${statement.notAnalysed})`);
    else if (effects.opaque.length > 0 && !isIdleDrop(analysis)) {
      reasons.push(`${at} does what can't be read off its text (${effects.opaque[0]?.reason ?? statement.kind})`);
    } else if (effects.undecided === true) {
      reasons.push(`${at} changes the schema under a condition that only the server can decide`);
    } else {
      const what = notFollowed(analysis, migration.before);
      if (what !== null) reasons.push(`${at} ${what}`);
      // What it makes itself goes as a whole.
      const unknown = effects.unknownValues.find(
        ({ relations }) => relations === null || relations.some((id) => id < migration.before.nextId),
      );
      if (unknown !== undefined) reasons.push(`${at} does what can't be read off its text (${unknown.reason})`);
      const gaps = what === null ? gapsInTheWay(analysis) : [];
      if (gaps.length > 0)
        reasons.push(`${at} is about what the history does not hold (${[...new Set(gaps)].join(', ')})`);
    }
  }
  for (const problem of migration.script.problems) reasons.push(problem.message);
  return reasons;
}

/**
 * What the history never made, where a statement changes it. What is new and only refers to such a thing (a foreign key,
 * a view, a column of a type) is dropped whatever that is.
 */
function gapsInTheWay(analysis: StatementAnalysis): readonly string[] {
  const { statement, before, after } = analysis;
  const gaps = gapsOf(analysis);
  if (gaps.length === 0) return gaps;
  const followed = CONTENTS.some((part) => before[part] !== after[part]);
  const refers = followed && REFERS.test(statement.kind) && !gaps.some((what) => what.startsWith('schema '));
  return refers ? [] : gaps;
}

const CONTENTS = ['relations', 'types', 'functions', 'schemas', 'others'] as const satisfies readonly (keyof Catalog)[];
const REFERS =
  /^(CREATE (OR REPLACE )?(.* )?(TABLE|VIEW|TRIGGER|POLICY|FUNCTION|PROCEDURE|TYPE|DOMAIN|INDEX|AGGREGATE|RULE)|ALTER TABLE)\b/;

/** Each gap is said once in a history; a statement that meets an old one is replayed without it, to see that it does. */
function gapsOf({ statement, effects, before, after }: StatementAnalysis): readonly string[] {
  const fresh = after.gaps.slice(before.gaps.length);
  if (before.gaps.length === 0) return named(fresh);
  if (statement.kind === 'DO' || statement.kind === 'CALL')
    return [
      ...named(fresh),
      ...(/\b(ALTER|COMMENT|CREATE|DROP|GRANT|REVOKE)\b/i.test(statement.text) ? effects.unknownRelations : []),
    ];
  return named(replayStatement({ ...before, gaps: [] }, statement).catalog.gaps);
}

/** Row types of the system's own catalogs are there always. */
function named(gaps: Catalog['gaps']): readonly string[] {
  return gaps.flatMap(({ what }) => (/^type pg_/.test(what) ? [] : [what]));
}

/** DROP … IF EXISTS of what no migration made: from nothing, it is not there. */
function isIdleDrop({ statement, before, after }: StatementAnalysis): boolean {
  return nodeAs(statement.tree, 'DropStmt')?.missing_ok === true && before === after;
}

/** Statements that are left as they are, each in words; they don't touch the schema. */
export function serverWideStatements(migration: MigrationAnalysis): readonly string[] {
  return migration.statements
    .filter(({ statement }) => SERVER_WIDE.test(statement.kind))
    .map(
      ({ statement }) =>
        `line ${statement.startLine}, ${statement.kind}: it concerns the whole server, not this schema`,
    );
}
