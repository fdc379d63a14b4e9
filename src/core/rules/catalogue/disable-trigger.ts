import { nodeAs } from '../../sql/tree.ts';
import { listed, relationName } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const disableTrigger = defineRule({
  id: 'disable-trigger',
  operations: ['disable trigger'],
  statements: ['VariableSetStmt'],
  meta: {
    title: 'Do not disable triggers',
    severity: 'warning',
    cause: 'hygiene',
    why: 'While it is off, rows come in that the trigger never saw: foreign keys are triggers too, and what replicates or audits by triggers misses them. Nothing looks at these rows when it is on again.',
    instead:
      'Let the trigger tell the rows apart (a WHEN clause, a setting of the session), or change the rows so that it may run.',
    references: [
      'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DISABLE-ENABLE-TRIGGER',
    ],
    alsoKnownAs: {
      'safe-migrate': 'disable-trigger',
      pgfence: 'enable-disable-trigger',
      'postgres-language-server': 'avoidEnableDisableTrigger',
      migrationpilot: 'MP064',
    },
  },
  examples: {
    bad: ['ALTER TABLE orders DISABLE TRIGGER ALL;', 'SET session_replication_role = replica;'],
    good: [
      'ALTER TABLE orders ENABLE TRIGGER ALL;',
      'CREATE TABLE refunds (id int);\nALTER TABLE refunds DISABLE TRIGGER ALL;',
    ],
  },
  check({ statement, matches, report }) {
    const set = nodeAs(statement.statement.tree, 'VariableSetStmt');
    if (set?.name === 'session_replication_role') {
      const [value] = set.args ?? [];
      const role = nodeAs(value, 'A_Const')?.sval?.sval;
      if (role === 'replica')
        report({
          what: 'session_replication_role = replica switches every ordinary trigger and every foreign key off for this session.',
        });
      return;
    }
    const off = matches.filter(({ cause }) => cause.operation === 'disable trigger');
    if (off.length === 0) return;
    report({ what: `Triggers of ${listed(off.map(({ effect }) => relationName(effect.relation)))} are switched off.` });
  },
});
