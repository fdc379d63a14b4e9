import type { Privilege, Relation } from '../catalog/catalog.ts';
import { hasColumns, isIndex } from '../catalog/lookup.ts';
import { optionValue } from './indexes.ts';
import { nameIn, relationKeyword } from './naming.ts';
import type { Plan } from './plan.ts';
import type { ObjectName } from './privileges.ts';
import { commentOn, ownerTo, privilegeChanges } from './privileges.ts';

/** What every named object has. */
interface Owned {
  readonly owner: string | null;
  readonly comment: string | null;
  readonly privileges: readonly Privilege[];
}

/** Owner, comment and rights of an object; `now` is what it has when the step before is done. */
export function rightsBack(plan: Plan, object: ObjectName, now: Owned, before: Owned): void {
  if (now.owner !== before.owner) {
    if (before.owner !== null) plan.add('rights', ownerTo(object, before.owner));
    // Null: the role that applied the migrations, whoever that was.
    else plan.add('rights', ownerTo(object, 'current_user'));
  }
  for (const sql of privilegeChanges(object, now.privileges, before.privileges)) plan.add('rights', sql);
  if (now.comment !== before.comment) plan.add('comments', commentOn(object, before.comment));
}

/** The same for a relation, with its storage parameters; `now` is null for one that was just made again. */
export function relationRights(plan: Plan, now: Relation | null, before: Relation): void {
  const object = { keyword: relationKeyword(before), name: nameIn(plan.context.to, before) };
  const fresh: Owned = { owner: null, comment: null, privileges: defaultPrivileges(plan, before) };
  // An index belongs to its table's owner, and so does a sequence that a column owns.
  const follows = isIndex(before) || (before.kind === 'sequence' && before.ownedBy !== null);
  rightsBack(plan, object, now ?? fresh, follows ? { ...before, owner: now?.owner ?? null } : before);
  if (now === null || before.kind === 'composite type' || before.kind === 'sequence') return;
  columnRightsAgain(plan, object, now, before);
  const alter = `ALTER ${object.keyword} ${object.name}`;
  const gone = Object.keys(now.options).filter((name) => !(name in before.options));
  const set = Object.entries(before.options).filter(([name, value]) => now.options[name] !== value);
  if (before.kind === 'foreign table') {
    foreignOptions(plan, alter, now.options, before.options);
  } else {
    if (gone.length > 0) plan.alter('settings', alter, `RESET (${gone.join(', ')})`);
    if (set.length > 0)
      plan.alter('settings', alter, `SET (${set.map(([name, value]) => `${name}=${optionValue(value)}`).join(', ')})`);
  }
  if (now.tablespace !== before.tablespace) {
    plan.alter('settings', alter, `SET TABLESPACE ${before.tablespace ?? 'pg_default'}`);
  }
}

/** REVOKE on a table takes the same right on its columns with it (ExecGrant_Relation): those of before are given again. */
function columnRightsAgain(plan: Plan, object: ObjectName, now: Relation, before: Relation): void {
  if (!hasColumns(before)) return;
  const revoked = now.privileges.filter(
    (one) => !before.privileges.some((other) => other.grantee === one.grantee && other.privilege === one.privilege),
  );
  if (revoked.length === 0) return;
  for (const column of before.columns) {
    const lost = column.privileges.filter((one) =>
      revoked.some((other) => other.grantee === one.grantee && other.privilege === one.privilege),
    );
    for (const sql of privilegeChanges(object, [], lost, column.name)) plan.add('rights', sql);
  }
}

function foreignOptions(
  plan: Plan,
  alter: string,
  now: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): void {
  const changes = [
    ...Object.keys(now)
      .filter((name) => !(name in before))
      .map((name) => `DROP ${name}`),
    ...Object.entries(before)
      .filter(([name, value]) => now[name] !== value)
      .map(([name, value]) => `${name in now ? 'SET' : 'ADD'} ${name} '${value.replaceAll("'", "''")}'`),
  ];
  if (changes.length > 0) plan.alter('settings', alter, `OPTIONS (${changes.join(', ')})`);
}

/** What ALTER DEFAULT PRIVILEGES gives to a new relation of this kind. */
export function defaultPrivileges(plan: Plan, relation: Relation): readonly Privilege[] {
  if (isIndex(relation) || relation.kind === 'composite type') return [];
  return grantedByDefault(plan, relation.schema, relation.kind === 'sequence' ? 'sequences' : 'tables', []);
}

/** The rights of a new object: those that PostgreSQL gives to everybody, and what ALTER DEFAULT PRIVILEGES changed. */
export function grantedByDefault(
  plan: Plan,
  schema: string,
  objects: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas',
  builtIn: readonly Privilege[],
): readonly Privilege[] {
  let rights = builtIn;
  for (const entry of plan.context.to.catalog.defaultPrivileges) {
    if (entry.objects !== objects || entry.role !== null) continue;
    if (entry.schema !== null && entry.schema !== schema) continue;
    const others = rights.filter(
      (one) => !entry.privileges.some((other) => other.grantee === one.grantee && other.privilege === one.privilege),
    );
    rights = entry.grant ? [...others, ...entry.privileges] : others;
  }
  return rights;
}
