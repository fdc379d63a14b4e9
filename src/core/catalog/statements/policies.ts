import type { AlterPolicyStmt, CreatePolicyStmt, Node, RuleStmt } from '@pgsql/types';
import type { Expression, Policy, RewriteRule } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { isTable, isView } from '../lookup.ts';
import { nameOfRangeVar, roleOf } from '../nodes.ts';
import { analyzeExpression } from '../query.ts';
import { Refusal } from '../refusal.ts';
import { requireRelation, requireTable } from '../targets.ts';
import { linkQuery } from './views.ts';

/** CREATE POLICY. */
export function createPolicy(draft: Draft, node: CreatePolicyStmt): void {
  const table = requireTable(draft, node.table);
  const name = node.policy_name ?? '';
  if (table.policies.some((policy) => policy.name === name)) {
    throw new Refusal('42710', `policy "${name}" for table "${table.name}" already exists`);
  }
  if (node.with_check !== undefined && (node.cmd_name === 'select' || node.cmd_name === 'delete')) {
    throw new Refusal('42601', 'WITH CHECK cannot be applied to SELECT or DELETE');
  }
  if (node.qual !== undefined && node.cmd_name === 'insert') {
    throw new Refusal('42601', 'only WITH CHECK expression allowed for INSERT');
  }
  const dependencies = analyzeExpression(draft, table.id, [node.qual, node.with_check]);
  const policy: Policy = {
    name,
    command: commandOf(node.cmd_name),
    permissive: node.permissive === true,
    roles: rolesOf(node.roles),
    using: expression(node.qual),
    check: expression(node.with_check),
    dependencies,
    comment: null,
  };
  draft.changeTable(table.id, { policies: [...table.policies, policy] });
  linkQuery(draft, table.id, dependencies);
}

function expression(tree: Node | undefined): Expression | null {
  return tree === undefined ? null : { tree, text: null };
}

function commandOf(name: string | undefined): Policy['command'] {
  return name === 'select' || name === 'insert' || name === 'update' || name === 'delete' ? name : 'all';
}

/** PUBLIC beside others is PUBLIC alone (policy_role_list_to_array). */
function rolesOf(nodes: readonly Node[] | undefined): readonly string[] {
  const roles = (nodes ?? []).map((node) => roleOf('RoleSpec' in node ? node.RoleSpec : undefined));
  return roles.length === 0 || roles.includes('public') ? ['public'] : roles;
}

/** ALTER POLICY. */
export function alterPolicy(draft: Draft, node: AlterPolicyStmt): void {
  const table = requireTable(draft, node.table);
  const before = table.policies.find(({ name }) => name === node.policy_name);
  if (before === undefined) {
    throw new Refusal('42704', `policy "${node.policy_name ?? ''}" for table "${table.name}" does not exist`);
  }
  const using = expression(node.qual) ?? before.using;
  const check = expression(node.with_check) ?? before.check;
  const trees = [using?.tree ?? undefined, check?.tree ?? undefined];
  const dependencies = analyzeExpression(draft, table.id, trees);
  const roles = node.roles === undefined ? before.roles : rolesOf(node.roles);
  const policies = table.policies.map((policy) =>
    policy === before ? { ...before, using, check, roles, dependencies } : policy,
  );
  draft.changeTable(table.id, { policies });
  linkQuery(draft, table.id, dependencies);
}

/** CREATE [OR REPLACE] RULE. */
export function createRule(draft: Draft, node: RuleStmt): void {
  const relation = requireRelation(draft, nameOfRangeVar(node.relation));
  if (!isTable(relation) && !isView(relation)) throw new Refusal('42809', `"${relation.name}" cannot have rules`);
  const name = node.rulename ?? '';
  const existing = relation.rules.find((rule) => rule.name === name);
  if (existing !== undefined && node.replace !== true) {
    throw new Refusal('42710', `rule "${name}" for relation "${relation.name}" already exists`);
  }
  const trees = [node.whereClause, ...(node.actions ?? [])];
  const dependencies = analyzeExpression(draft, relation.id, trees, ['new', 'old']);
  const rule: RewriteRule = {
    name,
    definition: { tree: { RuleStmt: node }, text: null },
    dependencies,
    enabled: 'origin',
    comment: existing?.comment ?? null,
  };
  const rules = [...relation.rules.filter((other) => other !== existing), rule];
  draft.put({ ...relation, rules });
  linkQuery(draft, relation.id, dependencies);
}
