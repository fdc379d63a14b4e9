import type { RangeVar } from '@pgsql/types';
import type { StatementAnalysis } from '../analyze.ts';
import { resolveRelation } from '../catalog/lookup.ts';
import { nodeAs, walkTree } from '../sql/tree.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { DataNotes } from './plan.ts';

/** Notes what a statement did to rows that were there before the migration: no inverse brings them back. */
export function noteRows(analysis: StatementAnalysis, lifetimes: Lifetimes, notes: DataNotes): void {
  const { statement, before } = analysis;
  const { tree } = statement;
  if (tree === null) return;
  const at = `line ${statement.startLine}`;
  const named = (relation: RangeVar | undefined): string | null => {
    const found = resolveRelation(before, relation?.schemaname, relation?.relname ?? '');
    if (found === undefined) return relation?.relname ?? null;
    return lifetimes.isBorn(found.id) || found.persistence === 'temporary' ? null : found.name;
  };
  // In WITH … (DELETE … RETURNING …) and in EXPLAIN ANALYZE too.
  walkTree(tree, (kind, body) => {
    const relation = body['relation'] as RangeVar | undefined;
    const name = kind.endsWith('Stmt') && relation !== undefined ? named(relation) : null;
    if (name === null) return undefined;
    if (kind === 'UpdateStmt') notes.before.push(`what ${at} (UPDATE) changed in rows of ${name}`);
    if (kind === 'DeleteStmt') notes.before.push(`rows of ${name} that ${at} (DELETE) removed`);
    if (kind === 'MergeStmt') notes.before.push(`what ${at} (MERGE) changed in rows of ${name}`);
    if (kind === 'InsertStmt') notes.stays.push(`rows that ${at} (INSERT) wrote to ${name}`);
    return undefined;
  });
  for (const relation of nodeAs(tree, 'TruncateStmt')?.relations ?? []) {
    const name = named(nodeAs(relation, 'RangeVar'));
    if (name !== null) notes.before.push(`rows of ${name} (${at}, TRUNCATE)`);
  }
  const copy = nodeAs(tree, 'CopyStmt');
  const copied = copy?.is_from === true ? named(copy.relation) : null;
  if (copied !== null) notes.stays.push(`rows that ${at} (COPY) wrote to ${copied}`);
  if (statement.kind === 'DO' || statement.kind === 'CALL')
    notes.before.push(`what ${at} (${statement.kind}) did to rows, which was not followed`);
}
