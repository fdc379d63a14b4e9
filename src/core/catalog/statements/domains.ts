import type { AlterDomainStmt, Constraint as ConstraintNode, CreateDomainStmt, Node } from '@pgsql/types';
import type { DomainConstraint, UserType } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { expressionOf } from '../expressions.ts';
import { chooseConstraintName } from '../generatedNames.ts';
import { nameOf, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, requireFreeTypeName, requireType } from '../targets.ts';
import { resolveType } from '../typeNames.ts';
import { defaultOf } from './columns.ts';
import { newType } from './types.ts';

type Domain = UserType & { readonly kind: 'domain' };

/** NOT NULL of a domain is a constraint of pg_constraint from this version on. https://www.postgresql.org/docs/17/release-17.html */
const NOT_NULL_CONSTRAINTS = 17;

/** CREATE DOMAIN. */
export function createDomain(draft: Draft, node: CreateDomainStmt): void {
  const { schema: written, name } = nameOf(node.domainname);
  const schema = creationSchema(draft, written);
  requireFreeTypeName(draft, schema, name);
  const base = resolveType(draft, node.typeName);
  const collation = strings(node.collClause?.collname).at(-1) ?? null;
  const domain: Domain = {
    ...newType(draft, schema, name),
    kind: 'domain',
    base,
    notNull: false,
    // A domain over a domain starts with that one's default (DefineDomain).
    default: inheritedDefault(draft, base.id),
    collation: collation === 'default' ? null : collation,
    constraints: [],
    notNullName: null,
  };
  draft.addType(domain);
  draft.link(base.id, domain.id);
  for (const item of node.constraints ?? []) {
    if (!('Constraint' in item)) continue;
    const constraint = item.Constraint;
    if (constraint.contype === 'CONSTR_DEFAULT') {
      setDefault(draft, domain.id, constraint.raw_expr);
    } else addDomainConstraint(draft, domain.id, constraint, true);
  }
}

function inheritedDefault(draft: Draft, base: number | null): Domain['default'] {
  const type = base === null ? undefined : draft.types.get(base);
  return type?.kind === 'domain' ? type.default : null;
}

function domainOf(draft: Draft, id: number): Domain {
  const type = draft.types.get(id);
  if (type?.kind !== 'domain') throw new Refusal('42809', `${type?.name ?? 'type'} is not a domain`);
  return type;
}

function setDefault(draft: Draft, id: number, tree: Node | undefined): void {
  const domain = domainOf(draft, id);
  const expression = defaultOf(draft, tree, domain.base);
  draft.putType({ ...domain, default: expression });
  draft.linkAll(expression?.uses, id);
}

function addDomainConstraint(draft: Draft, id: number, node: ConstraintNode, fresh: boolean): void {
  const domain = domainOf(draft, id);
  const generated = (label: string): string =>
    chooseConstraintName(draft, domain.schema, { name1: domain.name, name2: null, label });
  if (node.contype === 'CONSTR_NOTNULL') {
    if (domain.notNull) return;
    const notNullName = draft.major >= NOT_NULL_CONSTRAINTS ? (node.conname ?? generated('not_null')) : null;
    if (notNullName !== null) draft.claimConstraintName(domain.schema, notNullName);
    draft.putType({ ...domain, notNull: true, notNullName });
    return;
  }
  if (node.contype !== 'CONSTR_CHECK' || node.raw_expr === undefined) return;
  const name = node.conname ?? generated('check');
  if (domain.constraints.some((constraint) => constraint.name === name)) {
    throw new Refusal('42710', `constraint "${name}" for domain "${domain.name}" already exists`);
  }
  const constraint: DomainConstraint = {
    name,
    expression: expressionOf(draft, node.raw_expr),
    validated: fresh || node.skip_validation !== true,
    comment: null,
  };
  draft.claimConstraintName(domain.schema, name);
  draft.putType({ ...domain, constraints: [...domain.constraints, constraint] });
  draft.linkAll(constraint.expression.uses, id);
}

/** ALTER DOMAIN. The subtypes are single letters: nodes/parsenodes.h, AlterDomainStmt. */
export function alterDomain(draft: Draft, node: AlterDomainStmt): void {
  const domain = domainOf(draft, requireType(draft, node.typeName).id);
  switch (node.subtype) {
    case 'T':
      setDefault(draft, domain.id, node.def);
      break;
    case 'N':
      draft.putType(withoutNotNull(draft, domain));
      break;
    case 'O':
      addDomainConstraint(draft, domain.id, { contype: 'CONSTR_NOTNULL' }, false);
      break;
    case 'C':
      if (node.def !== undefined && 'Constraint' in node.def) {
        addDomainConstraint(draft, domain.id, node.def.Constraint, false);
      }
      break;
    case 'X':
      dropDomainConstraint(draft, domain, node);
      break;
    case 'V': {
      const found = domain.constraints.some(({ name }) => name === node.name);
      if (!found)
        throw new Refusal('42704', `constraint "${node.name ?? ''}" of domain "${domain.name}" does not exist`);
      const constraints = domain.constraints.map((constraint) =>
        constraint.name === node.name ? { ...constraint, validated: true } : constraint,
      );
      draft.putType({ ...domain, constraints });
      break;
    }
    default:
      break;
  }
}

function withoutNotNull(draft: Draft, domain: Domain): Domain {
  if (domain.notNullName !== null) draft.releaseConstraintName(domain.schema, domain.notNullName);
  return { ...domain, notNull: false, notNullName: null };
}

function dropDomainConstraint(draft: Draft, domain: Domain, node: AlterDomainStmt): void {
  if (domain.notNullName !== null && node.name === domain.notNullName) {
    draft.putType(withoutNotNull(draft, domain));
    return;
  }
  const constraints = domain.constraints.filter(({ name }) => name !== node.name);
  if (constraints.length === domain.constraints.length) {
    if (node.missing_ok === true) return;
    throw new Refusal('42704', `constraint "${node.name ?? ''}" of domain "${domain.name}" does not exist`);
  }
  draft.releaseConstraintName(domain.schema, node.name ?? '');
  draft.putType({ ...domain, constraints });
}
