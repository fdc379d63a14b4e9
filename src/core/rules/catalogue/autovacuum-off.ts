import { listItems, nodeAs, stringValue, constantValue } from '../../sql/tree.ts';
import { relationName } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const autovacuumOff = defineRule({
  id: 'autovacuum-off',
  operations: ['set storage parameters'],
  meta: {
    title: 'Do not switch autovacuum off for a table',
    severity: 'warning',
    cause: 'hygiene',
    why: 'Dead rows stay, statistics go stale and plans get worse, until somebody remembers; the emergency vacuum against wraparound comes all the same, at a time of its own.',
    instead: 'Tune it for the table: autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-autovacuum.html'],
    alsoKnownAs: { migrationpilot: 'MP066' },
  },
  examples: {
    bad: ['ALTER TABLE orders SET (autovacuum_enabled = false);'],
    good: [
      'ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.02);',
      'ALTER TABLE orders SET (autovacuum_enabled = true);',
    ],
  },
  check({ statement, matches, report }) {
    const commands = nodeAs(statement.statement.tree, 'AlterTableStmt')?.cmds ?? [];
    const isOff = commands.some((command) =>
      listItems(nodeAs(command, 'AlterTableCmd')?.def).some((item) => {
        const option = nodeAs(item, 'DefElem');
        const value = String(stringValue(option?.arg) ?? constantValue(option?.arg) ?? 'true').toLowerCase();
        return option?.defname === 'autovacuum_enabled' && ['false', 'off', 'no', '0', 'f', 'n'].includes(value);
      }),
    );
    const [first] = matches;
    if (isOff && first) report({ what: `Autovacuum passes over ${relationName(first.effect.relation)} from now on.` });
  },
});
