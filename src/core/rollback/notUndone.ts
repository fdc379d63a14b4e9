import type { MigrationAnalysis } from '../analyze.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Statement } from '../sql/statement.ts';
import { nodeAs } from '../sql/tree.ts';

/** Kinds of statements about things of the whole server, which no schema holds. They stay as the migration left them. */
const SERVER_WIDE =
  /\b(ROLE|USER|GROUP|DATABASE|TABLESPACE|SYSTEM|SUBSCRIPTION)$|^(CREATE|ALTER|DROP) (ROLE|USER|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION)|^ALTER SYSTEM/;

/** Reasons why the schema before a migration can't be brought back, because the history does not tell what it did. */
export function whyNotKnown(migration: MigrationAnalysis): readonly string[] {
  const reasons: string[] = [];
  for (const { statement, effects, before, after } of migration.statements) {
    const at = `line ${statement.startLine}`;
    if (statement.error !== null) reasons.push(`${at} does not parse (${statement.error.message})`);
    else if (statement.notAnalysed !== null) reasons.push(`${at} was not analysed (${statement.notAnalysed})`);
    else if (effects.opaque.length > 0) {
      reasons.push(`${at} does what can't be read off its text (${effects.opaque[0]?.reason ?? statement.kind})`);
    } else if (dropsServerWithCascade(statement.tree)) {
      reasons.push(`${at} (${statement.kind} … CASCADE) takes foreign tables with it that the history does not tell`);
    } else if (statement.tree !== null && 'AlterStatsStmt' in statement.tree) {
      reasons.push(`${at} (ALTER STATISTICS) changes a target that the history does not hold`);
    } else if (newGaps(before, after).length > 0) {
      const gaps = newGaps(before, after);
      reasons.push(`${at} is about what the history does not hold (${[...new Set(gaps)].join(', ')})`);
    }
  }
  for (const problem of migration.script.problems) reasons.push(problem.message);
  return reasons;
}

/** What a statement named that the history never made. Row types of the system's own catalogs are there always. */
function newGaps(before: Catalog, after: Catalog): readonly string[] {
  return after.gaps.slice(before.gaps.length).flatMap(({ what }) => (/^type pg_/.test(what) ? [] : [what]));
}

/** The replay does not know which foreign tables hang on a server or wrapper. */
function dropsServerWithCascade(tree: Statement['tree']): boolean {
  const drop = nodeAs(tree, 'DropStmt');
  return drop?.behavior === 'DROP_CASCADE' && /^OBJECT_(?:FDW|FOREIGN_SERVER)$/.test(drop.removeType ?? '');
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
