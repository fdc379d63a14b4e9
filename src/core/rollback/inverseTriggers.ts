import type { Policy, RewriteRule, TableRelation, Trigger, ViewRelation } from '../catalog/catalog.ts';
import { isTable } from '../catalog/lookup.ts';
import { deparse, expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { nameIn } from './naming.ts';
import { omit } from './omit.ts';
import type { Plan } from './plan.ts';
import { commentOn } from './privileges.ts';
import { createPolicy, createRule, createTrigger } from './routines.ts';

type Host = TableRelation | ViewRelation;

/** Triggers, rules and policies. `from` is null for a table that is made again as a whole. */
export function inverseTriggers(plan: Plan, from: Host | null, to: Host, born: boolean): void {
  triggers(plan, from, to, born);
  const rules = { drop: 'RULE', list: (host: Host) => host.rules, create: createRule, same: sameRule } as const;
  byName(plan, from, to, born, rules, (rule) => usesOf(rule));
  for (const rule of to.rules)
    enabledState(
      plan,
      to,
      'RULE',
      from?.rules.find(({ name }) => name === rule.name),
      rule,
    );
  if (!isTable(to) || (from !== null && !isTable(from))) return;
  const policies = {
    drop: 'POLICY',
    list: (host: TableRelation) => host.policies,
    create: createPolicy,
    same: samePolicy,
  } as const;
  byName(plan, from, to, born, policies, (policy) => usesOf(policy));
}

function triggers(plan: Plan, from: Host | null, to: Host, born: boolean): void {
  const { context } = plan;
  const after = new Map((from?.triggers ?? []).map((trigger) => [trigger.id, trigger]));
  const before = new Map(to.triggers.map((trigger) => [trigger.id, trigger]));
  for (const trigger of from?.triggers ?? []) {
    if (from === null || before.has(trigger.id) || trigger.parent !== null || context.isTransient(trigger.id)) continue;
    if (born && (trigger.function ?? 0) < from.id) continue;
    dropNamed(plan, 'TRIGGER', trigger.name, from);
  }
  for (const trigger of to.triggers) {
    const now = after.get(trigger.id);
    if (trigger.parent !== null || born || (from !== null && now === undefined && context.isBorn(trigger.id))) continue;
    if (now === undefined || from === null) makeTrigger(plan, to, trigger);
    else if (now !== trigger && !context.isBorn(trigger.id)) changeTrigger(plan, from, to, now, trigger);
    // It is dropped later, by the name that it was made with.
    else if (now.name !== trigger.name && !context.isTransient(trigger.id)) renameTrigger(plan, from, now, trigger);
  }
}

function makeTrigger(plan: Plan, to: Host, trigger: Trigger): void {
  plan.add('triggers', createTrigger(plan.context.to, to, trigger));
  enabledState(plan, to, 'TRIGGER', undefined, trigger);
  partComment(plan, 'TRIGGER', to, trigger, null);
}

function changeTrigger(plan: Plan, from: Host, to: Host, now: Trigger, trigger: Trigger): void {
  if (now.definition !== trigger.definition && triggerText(now) !== triggerText(trigger)) {
    dropNamed(plan, 'TRIGGER', now.name, from);
    makeTrigger(plan, to, trigger);
    return;
  }
  if (now.name !== trigger.name) renameTrigger(plan, from, now, trigger);
  enabledState(plan, to, 'TRIGGER', now, trigger);
  partComment(plan, 'TRIGGER', to, trigger, now.comment);
}

function renameTrigger(plan: Plan, from: Host, now: Trigger, trigger: Trigger): void {
  const on = `${quoteIdentifier(now.name)} ON ${nameIn(plan.context.from, from)}`;
  plan.add('rename parts', `ALTER TRIGGER ${on} RENAME TO ${quoteIdentifier(trigger.name)}`);
}

/** A trigger's definition without its name, which ALTER TRIGGER changes, and without the names of table and function, which follow renames. */
function triggerText({ definition }: Trigger): string {
  const { tree } = definition;
  if (tree === null || !('CreateTrigStmt' in tree)) return definition.text ?? '';
  const rest = omit(tree.CreateTrigStmt, 'trigname', 'relation', 'funcname', 'replace');
  return JSON.stringify(rest, (key, value: unknown) => (key === 'location' ? undefined : value));
}

interface Part {
  readonly name: string;
  readonly comment: string | null;
}

interface PartKind<H extends Host, T extends Part> {
  readonly drop: 'RULE' | 'POLICY';
  readonly list: (host: H) => readonly T[];
  readonly create: (naming: Plan['context']['to'], host: H, part: T) => string;
  readonly same: (a: T, b: T) => boolean;
}

/** Rules and policies have no identity but their name. */
function byName<H extends Host, T extends Part>(
  plan: Plan,
  from: H | null,
  to: H,
  born: boolean,
  kind: PartKind<H, T>,
  uses: (part: T) => readonly number[],
): void {
  const before = new Map(kind.list(to).map((part) => [part.name, part]));
  const after = new Map((from === null ? [] : kind.list(from)).map((part) => [part.name, part]));
  for (const [name, part] of after) {
    const target = before.get(name);
    if (from === null || target === part || (target !== undefined && kind.same(part, target))) continue;
    if (born && !uses(part).some((id) => id > from.id)) continue;
    dropNamed(plan, kind.drop, name, from);
  }
  if (born) return;
  for (const [name, part] of before) {
    const now = after.get(name);
    if (now === part) continue;
    if (now === undefined || !kind.same(now, part)) {
      plan.add('triggers', kind.create(plan.context.to, to, part));
      partComment(plan, kind.drop, to, part, null);
    } else {
      partComment(plan, kind.drop, to, part, now.comment);
    }
  }
}

function dropNamed(plan: Plan, keyword: string, name: string, from: Host): void {
  plan.add('drop triggers', `DROP ${keyword} ${quoteIdentifier(name)} ON ${nameIn(plan.context.from, from)}`);
}

function partComment(plan: Plan, keyword: string, to: Host, part: Part, now: string | null): void {
  if (now === part.comment) return;
  const name = `${quoteIdentifier(part.name)} ON ${nameIn(plan.context.to, to)}`;
  plan.add('comments', commentOn({ keyword, name }, part.comment));
}

type Enabled = Trigger['enabled'];
const ENABLE: Readonly<Record<Enabled, string>> = {
  origin: 'ENABLE',
  disabled: 'DISABLE',
  replica: 'ENABLE REPLICA',
  always: 'ENABLE ALWAYS',
};

function enabledState(
  plan: Plan,
  to: Host,
  keyword: 'TRIGGER' | 'RULE',
  now: { readonly enabled: Enabled } | undefined,
  part: Part & { readonly enabled: Enabled },
): void {
  if ((now?.enabled ?? 'origin') === part.enabled) return;
  const name = nameIn(plan.context.to, to);
  plan.add('settings', `ALTER TABLE ${name} ${ENABLE[part.enabled]} ${keyword} ${quoteIdentifier(part.name)}`);
}

function samePolicy(a: Policy, b: Policy): boolean {
  const text = ({ using, check }: Policy) => [using, check].map((one) => (one === null ? null : expressionText(one)));
  const shape = ({ command, permissive, roles }: Policy) => ({ command, permissive, roles });
  return JSON.stringify([text(a), shape(a)]) === JSON.stringify([text(b), shape(b)]);
}

function sameRule(a: RewriteRule, b: RewriteRule): boolean {
  return ruleText(a) === ruleText(b);
}

function ruleText({ definition }: RewriteRule): string {
  return definition.tree === null ? (definition.text ?? '') : deparse(definition.tree);
}

function usesOf({ dependencies }: Policy | RewriteRule): readonly number[] {
  return [...dependencies.relations, ...dependencies.functions, ...dependencies.types];
}
