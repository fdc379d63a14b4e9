import type { CatalogView, DefaultPrivilege, Privilege } from './catalog.ts';

/** A GRANT or REVOKE, apart from what it is about. */
export interface PrivilegeChange {
  readonly grant: boolean;
  readonly grantees: readonly string[];
  readonly withOption: boolean;
}

/** A list of privileges after a GRANT or REVOKE; the same list when nothing changes. */
export function changed(
  before: readonly Privilege[],
  privileges: readonly string[],
  change: PrivilegeChange,
): readonly Privilege[] {
  let after = before;
  for (const grantee of change.grantees) {
    for (const privilege of privileges) {
      const existing = after.find((one) => one.grantee === grantee && one.privilege === privilege);
      if (change.grant) {
        const grantable = change.withOption || existing?.grantable === true;
        if (existing?.grantable === grantable) continue;
        after = [...after.filter((one) => one !== existing), { grantee, privilege, grantable }];
      } else if (existing !== undefined) {
        const rest = after.filter((one) => one !== existing);
        // REVOKE GRANT OPTION FOR takes only the option.
        after = change.withOption ? [...rest, { ...existing, grantable: false }] : rest;
      }
    }
  }
  return after;
}

/** The privileges of a new object after ALTER DEFAULT PRIVILEGES. */
export function withDefaults(
  { defaultPrivileges, session }: Pick<CatalogView, 'defaultPrivileges' | 'session'>,
  before: readonly Privilege[],
  objects: DefaultPrivilege['objects'],
  schema: string | null,
): readonly Privilege[] {
  let privileges = before;
  for (const one of defaultPrivileges) {
    if (one.objects !== objects || (one.schema !== null && one.schema !== schema)) continue;
    // Of another role than the one that runs the migrations: says nothing about its objects.
    if (one.role !== null && one.role !== 'current_user' && one.role !== session.role) continue;
    for (const { grantee, privilege, grantable } of one.privileges) {
      // Per schema nothing can be taken from the global default.
      if (!one.grant && one.schema !== null && before.some((p) => p.grantee === grantee && p.privilege === privilege))
        continue;
      privileges = changed(privileges, [privilege], { grant: one.grant, grantees: [grantee], withOption: grantable });
    }
  }
  return privileges;
}
