import type { StatementAnalysis } from '../analyze.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { resolveRelation } from '../catalog/lookup.ts';
import { callOfUnknown } from '../effects/unknownCalls.ts';
import { nodeAs, stringValues, walkTree } from '../sql/tree.ts';

/**
 * What a statement does to the schema that the catalog does not hold, so that nothing could be read off it; null: nothing.
 * In words, to stand behind `line 3`. What was made since `start`, the migration's own, goes as a whole.
 */
export function notFollowed({ statement, before }: StatementAnalysis, start: Catalog): string | null {
  const { tree, text, kind } = statement;
  if (tree === null) return null;
  // What plpgsql does is followed elsewhere; these are looked for in its text.
  if (kind === 'DO') return BY_HAND.test(text) ? 'changes the system catalogs by hand' : null;
  for (const node in tree) {
    const what = NOT_FOLLOWED[node];
    if (what !== undefined) return `(${kind}) ${what}`;
  }
  const grant = nodeAs(tree, 'GrantStmt');
  if (
    grant !== undefined &&
    UNHELD_RIGHTS.has(grant.objtype ?? '') &&
    !stringValues(grant.objects).every((name) => isNewOther(name, before, start))
  )
    return `(${kind}) changes rights on what the history holds none of`;
  const comment = nodeAs(tree, 'CommentStmt');
  if (comment !== undefined && UNHELD_COMMENTS.has(comment.objtype ?? ''))
    return `(${kind}) changes a comment that the history does not hold`;
  const alter = nodeAs(tree, 'AlterTableStmt');
  const table = resolveRelation(before, alter?.relation?.schemaname, alter?.relation?.relname ?? '');
  for (const command of table !== undefined && table.id >= start.nextId ? [] : (alter?.cmds ?? [])) {
    const what = UNHELD_ACTIONS[nodeAs(command, 'AlterTableCmd')?.subtype ?? ''];
    if (what !== undefined) return `(${kind}) ${what}`;
  }
  if (nodeAs(tree, 'RenameStmt')?.renameType === 'OBJECT_LANGUAGE') return `(${kind}) renames a language`;
  if (byHand(before, tree)) return `(${kind}) changes the system catalogs by hand`;
  const unknown = callOfUnknown(before, tree);
  return unknown === null ? null : `calls ${unknown}(), which neither PostgreSQL nor the history has`;
}

/** Made by the migration itself, so that it goes as a whole. */
function isNewOther(name: string, before: Catalog, start: Catalog): boolean {
  const named = ({ others }: Catalog): boolean =>
    [...others.values()].some(
      (one) => one.name === name && (one.kind === 'server' || one.kind === 'foreign data wrapper'),
    );
  return named(before) && !named(start);
}

const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  AlterExtensionContentsStmt: 'changes what belongs to an extension',
  AlterObjectDependsStmt: 'ties an object to an extension',
  AlterTypeStmt: 'changes properties of a base type that the history does not hold',
  DropOwnedStmt: 'drops whatever a role owns, which the history does not tell',
  SecLabelStmt: 'sets a security label, which the history does not hold',
};

const UNHELD_RIGHTS: ReadonlySet<string> = new Set([
  'OBJECT_FDW',
  'OBJECT_FOREIGN_SERVER',
  'OBJECT_LANGUAGE',
  'OBJECT_LARGEOBJECT',
]);
// Of an extension it is the one that comes with it, as pg_dump writes it out.
const UNHELD_COMMENTS: ReadonlySet<string> = new Set(['OBJECT_LANGUAGE', 'OBJECT_LARGEOBJECT']);
const UNHELD_ACTIONS: Readonly<Record<string, string>> = {
  AT_AddOf: 'ties a table to a composite type',
  AT_DropOf: 'frees a table from its composite type',
  AT_GenericOptions: 'changes options of a foreign table',
  AT_AlterColumnGenericOptions: 'changes options of a foreign column',
};

const BY_HAND = /\b(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(?:ONLY\s+)?(?:pg_catalog\.)?"?pg_[a-z_]+/i;

/** UPDATE pg_attribute and the like. */
function byHand(catalog: Catalog, tree: NonNullable<StatementAnalysis['statement']['tree']>): boolean {
  let found = false;
  walkTree(tree, (kind, body) => {
    if (!/^(?:Insert|Update|Delete|Merge)Stmt$/.test(kind)) return;
    const { schemaname, relname = '' } = (body['relation'] ?? {}) as { schemaname?: string; relname?: string };
    if (schemaname === 'pg_catalog') found = true;
    else if (
      schemaname === undefined &&
      /^pg_/.test(relname) &&
      resolveRelation(catalog, undefined, relname) === undefined
    )
      found = true;
  });
  return found;
}
