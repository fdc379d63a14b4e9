import type { Node } from '@pgsql/types';
import type {
  Policy,
  RewriteRule,
  TableRelation,
  Trigger,
  UserFunction,
  UserType,
  ViewRelation,
} from '../catalog/catalog.ts';
import { deparse, expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import { nodeAs } from '../sql/tree.ts';
import { typeOf } from '../catalog/lookup.ts';
import { NotKnown, nameIn, relationName, typeName } from './naming.ts';
import type { Naming } from './naming.ts';
import { omit } from './omit.ts';

/** What is made by one statement of its own: types, functions, triggers, policies and rules. Each without the closing `;`. */

/** CREATE TYPE or CREATE DOMAIN. */
export function createType(naming: Naming, type: UserType): string {
  const name = nameIn(naming, type);
  switch (type.kind) {
    case 'enum':
      return `CREATE TYPE ${name} AS ENUM (${type.labels.map(quoteLiteral).join(', ')})`;
    case 'domain': {
      const parts = [`CREATE DOMAIN ${name} AS ${typeName(naming, type.base)}`];
      if (type.collation !== null) parts.push(`COLLATE ${quoteIdentifier(type.collation)}`);
      if (type.default !== null) parts.push(`DEFAULT ${expressionText(type.default)}`);
      if (type.notNull) parts.push('NOT NULL');
      for (const constraint of type.constraints.filter(({ validated }) => validated)) {
        parts.push(`CONSTRAINT ${quoteIdentifier(constraint.name)} CHECK (${expressionText(constraint.expression)})`);
      }
      return parts.join(' ');
    }
    case 'range': {
      const multirange = type.multirange === null ? '' : `, MULTIRANGE_TYPE_NAME = ${quoteIdentifier(type.multirange)}`;
      return `CREATE TYPE ${name} AS RANGE (SUBTYPE = ${typeName(naming, type.subtype)}${multirange})`;
    }
    default:
      throw new NotKnown(`the definition of the base type ${type.name}`);
  }
}

/**
 * CREATE OR REPLACE FUNCTION …: the statement that made it, with the names that function and types have here. Its body is
 * left as it is: the server does not follow names in it either.
 */
export function createFunction(
  naming: Naming,
  object: UserFunction,
  oldNames: (id: number) => readonly string[],
): string {
  if (object.definition === null) throw new NotKnown(`the definition of the function ${object.name}`);
  const text = object.definition.trim().replace(/;$/, '');
  const head =
    /^(CREATE\s+(?:OR\s+REPLACE\s+)?)(FUNCTION|PROCEDURE|AGGREGATE)\s+((?:"(?:[^"]|"")*"|[^\s".(]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[^\s".(]+))*)/i.exec(
      text,
    );
  if (head === null) return text;
  const [written, , keyword = ''] = head;
  // CREATE OR REPLACE AGGREGATE is left as it was written: the old form of CREATE AGGREGATE does not take it in all versions.
  const create = object.kind === 'aggregate' ? (head[1] ?? '') : 'CREATE OR REPLACE ';
  const rest = text.slice(written.length);
  return `${create}${keyword} ${nameIn(naming, object)}${withTypeNames(naming, object, rest, oldNames)}`;
}

/** Between name and body stand the types; one that was renamed since gets its present name. */
function withTypeNames(
  naming: Naming,
  object: UserFunction,
  rest: string,
  oldNames: (id: number) => readonly string[],
): string {
  const bodyAt = /\bAS\s+(?:\$|E?')|\bBEGIN\s+ATOMIC\b|\bRETURN\s+/i.exec(rest)?.index ?? rest.length;
  let signature = rest.slice(0, bodyAt);
  const types = [...object.arguments.map(({ type }) => type), ...(object.returns === null ? [] : [object.returns])];
  for (const type of types) {
    const found = typeOf(naming.catalog, type);
    if (type.id === null || found === undefined || namesIt(signature, found.name)) continue;
    const old = oldNames(type.id).find((name) => namesIt(signature, name));
    if (old === undefined)
      throw new NotKnown(`how the function ${object.name} is written now that a type it uses is called ${found.name}`);
    signature = signature.replaceAll(nameOccurrence(old), (match) =>
      match.replace(new RegExp(`${escaped(old)}$|"[^"]*"$`), quoteIdentifier(found.name)),
    );
  }
  return signature + rest.slice(bodyAt);
}

function namesIt(text: string, name: string): boolean {
  return nameOccurrence(name).test(text);
}

/** The name as a word of its own, quoted or not. */
function nameOccurrence(name: string): RegExp {
  return new RegExp(`"${escaped(name)}"|(?<![\\w"$])${escaped(name)}(?![\\w"$])`, 'gi');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** CREATE TRIGGER, on its table as that is named here. */
export function createTrigger(naming: Naming, table: TableRelation | ViewRelation, trigger: Trigger): string {
  const body = nodeAs(trigger.definition.tree, 'CreateTrigStmt');
  if (body === undefined) {
    if (trigger.definition.text === null) throw new NotKnown(`the definition of the trigger ${trigger.name}`);
    return trigger.definition.text;
  }
  const renamed = naming.catalog.functions.get(trigger.function ?? -1);
  const funcname = renamed === undefined ? body.funcname : nameNodes(naming, renamed);
  const rest = omit(body, 'replace');
  return deparse({
    CreateTrigStmt: {
      ...rest,
      trigname: trigger.name,
      relation: rangeOf(naming, table),
      ...(funcname && { funcname }),
    },
  });
}

/** CREATE RULE, on its table as that is named here. */
export function createRule(naming: Naming, table: TableRelation | ViewRelation, rule: RewriteRule): string {
  const body = nodeAs(rule.definition.tree, 'RuleStmt');
  if (body === undefined) {
    if (rule.definition.text === null) throw new NotKnown(`the definition of the rule ${rule.name}`);
    return rule.definition.text;
  }
  const rest = omit(body, 'replace');
  const text = deparse({ RuleStmt: { ...rest, rulename: rule.name, relation: rangeOf(naming, table) } });
  demandNames(naming, table.id, rule, text);
  return text;
}

/** CREATE POLICY. */
export function createPolicy(naming: Naming, table: TableRelation, policy: Policy): string {
  const name = relationName(naming, table.id) ?? nameIn(naming, table);
  const parts = [`CREATE POLICY ${quoteIdentifier(policy.name)} ON ${name}`];
  if (!policy.permissive) parts.push('AS RESTRICTIVE');
  if (policy.command !== 'all') parts.push(`FOR ${policy.command.toUpperCase()}`);
  if (!isPublic(policy.roles)) parts.push(`TO ${policy.roles.map(roleName).join(', ')}`);
  if (policy.using !== null) parts.push(`USING (${expressionText(policy.using)})`);
  if (policy.check !== null) parts.push(`WITH CHECK (${expressionText(policy.check)})`);
  demandNames(naming, table.id, policy, parts.slice(1).join(' '));
  return parts.join(' ');
}

/** What a rule or policy refers to has to stand in it as it is called now: the text does not follow SET SCHEMA. */
function demandNames(naming: Naming, host: number, part: Policy | RewriteRule, text: string): void {
  for (const id of part.dependencies.relations) {
    const used = naming.catalog.relations.get(id);
    if (used === undefined || id === host) continue;
    const schema = new RegExp(`\\b${used.schema.replaceAll(/\W/g, '.')}"?\\s*\\.`, 'i');
    const found =
      namesIt(text, used.name) &&
      (used.schema === naming.bareSchema || naming.bareSchema === null || schema.test(text));
    if (!found) throw new NotKnown(`how ${part.name} refers to ${used.schema}.${used.name} now`);
  }
}

function isPublic(roles: readonly string[]): boolean {
  return roles.length === 0 || (roles.length === 1 && roles[0] === 'public');
}

/** A role as GRANT and OWNER TO want it; PUBLIC and CURRENT_USER are keywords. */
export function roleName(role: string): string {
  return ['public', 'current_user', 'session_user', 'current_role'].includes(role)
    ? role.toUpperCase()
    : quoteIdentifier(role);
}

function rangeOf(naming: Naming, relation: { readonly schema: string; readonly name: string }) {
  const schema = relation.schema === naming.bareSchema ? {} : { schemaname: relation.schema };
  return { ...schema, relname: relation.name, inh: true, relpersistence: 'p' };
}

function nameNodes(naming: Naming, object: { readonly schema: string; readonly name: string }): Node[] {
  const parts = object.schema === naming.bareSchema ? [object.name] : [object.schema, object.name];
  return parts.map((sval) => ({ String: { sval } }));
}
