import type { FuncCall, Node } from '@pgsql/types';
import type { Expression, OtherObject, Relation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { hasColumns, isIndex, isTable, isView } from '../lookup.ts';
import { nameOf, strings } from '../nodes.ts';
import type { Dependent, DropTarget } from './dropTargets.ts';
import { otherKey } from './others.ts';

/** What hangs on an object that is only known by its name. Such a name is written without its schema, so one of another schema counts as well. */
export function dependentsOfOther(draft: Draft, key: string): Dependent[] {
  const other = draft.others.get(key);
  if (other === undefined) return [];
  switch (other.kind) {
    case 'collation':
      return ofCollation(draft, other.name);
    case 'foreign data wrapper':
      return members(draft, other.name, 'server');
    case 'server':
      return [...members(draft, other.name, 'user mapping'), ...foreignTables(draft, other.name)];
    case 'operator family':
      return members(draft, other.name, 'operator class');
    case 'operator class':
      return ofOperatorClass(draft, other.name);
    case 'access method':
      return ofAccessMethod(draft, other.name);
    case 'language':
      return inLanguage(draft, other.name);
    case 'operator':
      return BUILTIN_OPERATORS.has(symbolOf(other)) ? [] : mentioning(draft, namesOperator(symbolOf(other)));
    case 'text search configuration':
      return mentioning(draft, namesConfiguration(other.name));
    default:
      return [];
  }
}

/** Functions of a procedural language: they go with the language, and with the extension that brings it. */
export function inLanguage(draft: Draft, language: string): Dependent[] {
  const found: Dependent[] = [];
  for (const one of draft.functions.values()) {
    if (one.language === language) found.push(normal({ kind: 'function', id: one.id }));
  }
  return found;
}

const normal = (target: DropTarget): Dependent => ({ target, auto: false });
const relationTarget = (id: number): DropTarget => ({ kind: 'relation', id });

/** Objects of a kind that lie in another: servers of a wrapper, classes of an operator family. */
function members(draft: Draft, name: string, kind: string): Dependent[] {
  const found: Dependent[] = [];
  for (const other of draft.others.values()) {
    if (other.kind !== kind || other.of !== name) continue;
    found.push(normal({ kind: 'other', key: otherKey(other.kind, other.schema, other.name) }));
  }
  return found;
}

function foreignTables(draft: Draft, server: string): Dependent[] {
  return relationsWhere(draft, (relation) => isTable(relation) && relation.server === server);
}

function relationsWhere(draft: Draft, matches: (relation: Relation) => boolean): Dependent[] {
  const found: Dependent[] = [];
  for (const relation of draft.relations.values())
    if (matches(relation)) found.push(normal(relationTarget(relation.id)));
  return found;
}

function ofOperatorClass(draft: Draft, name: string): Dependent[] {
  const [operatorClass] = name.split(' USING ');
  return relationsWhere(
    draft,
    (relation) => isIndex(relation) && relation.keys.some((key) => key.operatorClass === operatorClass),
  );
}

function ofAccessMethod(draft: Draft, name: string): Dependent[] {
  return relationsWhere(draft, (relation) =>
    isIndex(relation)
      ? relation.method === name
      : (isTable(relation) || isView(relation)) && relation.accessMethod === name,
  );
}

function ofCollation(draft: Draft, name: string): Dependent[] {
  const found = mentioning(draft, (tree) =>
    ['CollateClause', 'collClause'].some((key) => names(tree, key, (clause) => lastName(clause) === name)),
  );
  for (const relation of draft.relations.values()) {
    if (isIndex(relation) && relation.keys.some((key) => key.collation === name)) {
      found.push(normal(relationTarget(relation.id)));
    }
    if (!hasColumns(relation)) continue;
    for (const { collation, number } of relation.columns) {
      if (collation !== name) continue;
      found.push(
        normal(isView(relation) ? relationTarget(relation.id) : { kind: 'column', relation: relation.id, number }),
      );
    }
  }
  return found;
}

function lastName(clause: object): string | undefined {
  return strings((clause as { readonly collname?: readonly Node[] }).collname).at(-1);
}

/** Symbols that PostgreSQL's own types have: which operator is meant hangs on the types, which are not known here. */
const BUILTIN_OPERATORS = new Set(
  '+ - * / % ^ < > = <= >= <> != || && & | # ~ << >> @> <@ -> ->> #> #>> #- ? ?| ?& @@ @@@ @? ~* !~ !~* ~~ ~~* !~~ !~~* &< &> -|- |/ ||/ @ !! <-> ^@ ~= ~<~ ~<=~ ~>~ ~>=~'.split(
    ' ',
  ),
);

function symbolOf({ name }: OtherObject): string {
  return name.slice(0, name.indexOf('('));
}

type Matches = (tree: Node) => boolean;

const namesOperator =
  (symbol: string): Matches =>
  (tree) =>
    names(tree, 'A_Expr', (body) => strings((body as { readonly name?: readonly Node[] }).name).at(-1) === symbol);

/** `to_tsvector('mine', body)`, `'mine'::regconfig`. */
const namesConfiguration =
  (name: string): Matches =>
  (tree) =>
    names(tree, 'FuncCall', (body) => {
      const call = body as FuncCall;
      const first = call.args?.[0];
      if (first === undefined || !/tsvector|tsquery|^ts_headline$/.test(nameOf(call.funcname).name)) return false;
      const constant = 'TypeCast' in first ? first.TypeCast.arg : first;
      const text = constant !== undefined && 'A_Const' in constant ? constant.A_Const.sval?.sval : undefined;
      return text?.split('.').at(-1) === name;
    });

/** A node under such a key, anywhere in a tree, that fits. */
function names(tree: unknown, key: string, fits: (body: object) => boolean): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  if (Array.isArray(tree)) return tree.some((item) => names(item, key, fits));
  return Object.entries(tree).some(
    ([own, child]) =>
      typeof child === 'object' &&
      child !== null &&
      ((own === key && fits(child as object)) || names(child, key, fits)),
  );
}

/** Everything with an expression or a query that fits: defaults, checks, indexes, views, policies, rules, triggers. */
function mentioning(draft: Draft, matches: Matches): Dependent[] {
  const found: Dependent[] = [];
  const fits = (expression: Expression | null | undefined): boolean =>
    expression?.tree != null && matches(expression.tree);
  for (const relation of draft.relations.values()) {
    const { id } = relation;
    if (isIndex(relation)) {
      if (fits(relation.predicate) || relation.keys.some(({ expression }) => fits(expression))) {
        found.push(normal(relationTarget(id)));
      }
      continue;
    }
    if (isView(relation) && fits(relation.query)) found.push(normal(relationTarget(id)));
    if (isTable(relation)) {
      for (const { number, default: value, generated } of relation.columns) {
        if (fits(generated?.expression)) found.push(normal({ kind: 'column', relation: id, number }));
        else if (fits(value)) found.push(normal({ kind: 'default', relation: id, number }));
      }
      for (const constraint of relation.constraints) {
        if (constraint.kind === 'check' && fits(constraint.expression)) {
          found.push(normal({ kind: 'constraint', table: id, id: constraint.id }));
        }
      }
      for (const { name, using, check } of relation.policies) {
        if (fits(using) || fits(check)) found.push(normal({ kind: 'policy', relation: id, name }));
      }
    }
    if (isTable(relation) || isView(relation)) {
      for (const trigger of relation.triggers) {
        if (fits(trigger.definition)) found.push(normal({ kind: 'trigger', relation: id, id: trigger.id }));
      }
      for (const { name, definition } of relation.rules) {
        if (fits(definition)) found.push(normal({ kind: 'rule', relation: id, name }));
      }
    }
  }
  return found;
}
