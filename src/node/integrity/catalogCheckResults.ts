import type { Catalog } from '../../core/catalog/catalog.ts';
import { counted } from '../../core/report/figures.ts';
import type { IntegrityCheck, IntegrityFinding } from '../../core/report/integrityResult.ts';
import { qualifiedName, quoteIdentifier } from '../../core/sql/quote.ts';
import type { InvalidIndex, UnvalidatedConstraint } from './catalogChecks.ts';

/** What was there before the migration, by name: then it is not the migration's doing. */
export type KnownBefore = ReadonlySet<string>;

export function invalidIndexCheck(found: readonly InvalidIndex[], before: KnownBefore): IntegrityCheck {
  const findings = found.map(({ index, table, state, building }): IntegrityFinding => {
    const on = `on ${table}`;
    if (building) return { severity: 'note', object: index, message: `${on} is being built by another session` };
    if (before.has(index)) return { severity: 'note', object: index, message: `${on} is ${state}, as it was before` };
    return {
      severity: 'problem',
      object: index,
      message: `${on} is ${state}: writes keep it, no query uses it. REINDEX INDEX CONCURRENTLY ${index}, or drop it and build it again.`,
    };
  });
  return check('invalid indexes', findings, 'no invalid index', (problems) =>
    counted(problems, 'invalid index', 'invalid indexes'),
  );
}

/** @param expected the replayed catalog: what the history itself leaves NOT VALID is meant so */
export function unvalidatedCheck(
  found: readonly UnvalidatedConstraint[],
  before: KnownBefore,
  expected: Catalog | null,
): IntegrityCheck {
  const meant = expected === null ? new Set<string>() : leftUnvalidated(expected);
  const findings = found.map(({ table, constraint, kind, enforced }): IntegrityFinding => {
    const object = constraintKey(table, constraint);
    if (!enforced) return { severity: 'note', object, message: `the ${kind} constraint is NOT ENFORCED` };
    if (meant.has(object))
      return {
        severity: 'note',
        object,
        message: `the ${kind} constraint is NOT VALID, as the history leaves it: old rows may break it`,
      };
    if (before.has(object))
      return { severity: 'note', object, message: `the ${kind} constraint is NOT VALID, as it was before` };
    return {
      severity: 'problem',
      object,
      message: `the ${kind} constraint is NOT VALID: old rows may break it. ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};`,
    };
  });
  return check('unvalidated constraints', findings, 'no constraint left unvalidated', (problems) =>
    counted(problems, 'unvalidated constraint'),
  );
}

/** How a constraint is named in snapshots and findings. */
export function constraintKey(table: string, constraint: string): string {
  return `${table}: ${constraint}`;
}

function leftUnvalidated(catalog: Catalog): Set<string> {
  const keys = new Set<string>();
  for (const relation of catalog.relations.values()) {
    if (!('constraints' in relation)) continue;
    const table = qualifiedName(relation.schema, relation.name);
    for (const { name, validated } of relation.constraints)
      if (!validated) keys.add(constraintKey(table, quoteIdentifier(name)));
  }
  return keys;
}

function check(
  kind: IntegrityCheck['kind'],
  findings: readonly IntegrityFinding[],
  well: string,
  words: (problems: number) => string,
): IntegrityCheck {
  const problems = findings.filter(({ severity }) => severity === 'problem').length;
  return { kind, state: problems > 0 ? 'failed' : 'passed', summary: problems > 0 ? words(problems) : well, findings };
}
