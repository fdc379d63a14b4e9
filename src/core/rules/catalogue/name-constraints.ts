import { columnDefinitions, DEFINES_COLUMNS } from '../columnDefinitions.ts';
import { nodeAs } from '../../sql/tree.ts';
import { defineRule } from '../rule.ts';

export const nameConstraints = defineRule({
  id: 'name-constraints',
  statements: DEFINES_COLUMNS,
  meta: {
    title: 'Name constraints',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'PostgreSQL makes up a name for one that has none, and a number behind it where that is taken: databases may differ, and a later DROP CONSTRAINT misses.',
    instead: 'CONSTRAINT <name> CHECK (…).',
    references: ['https://www.postgresql.org/docs/current/ddl-constraints.html'],
    alsoKnownAs: { 'diesel-guard': 'unnamed-constraint', atlas: 'NM104', migrationpilot: 'MP042' },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD CHECK (total > 0) NOT VALID;',
      'CREATE TABLE refunds (id bigint REFERENCES orders (id));',
    ],
    good: ['ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;'],
  },
  check({ statement: { statement }, report }) {
    const created = nodeAs(statement.tree, 'CreateStmt')?.tableElts ?? [];
    const added = (nodeAs(statement.tree, 'AlterTableStmt')?.cmds ?? []).map(
      (node) => nodeAs(node, 'AlterTableCmd')?.def,
    );
    const inline = columnDefinitions(statement).flatMap(({ constraints = [] }) => constraints);
    const unnamed = [...created, ...added, ...inline].filter((node) => {
      const constraint = nodeAs(node, 'Constraint');
      return constraint && constraint.conname === undefined && NAMED.has(constraint.contype ?? '');
    });
    if (unnamed.length > 0)
      report({
        what: `${String(unnamed.length)} ${unnamed.length === 1 ? 'constraint has' : 'constraints have'} no name of their own.`,
      });
  },
});

/** Primary keys have a name that everybody knows; NOT NULL has none before PostgreSQL 18. */
const NAMED: ReadonlySet<string> = new Set(['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_FOREIGN', 'CONSTR_EXCLUSION']);
