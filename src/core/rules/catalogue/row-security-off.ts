import { nodeAs } from '../../sql/tree.ts';
import { resolveRelation } from '../../catalog/lookup.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const rowSecurityOff = defineRule({
  id: 'row-security-off',
  statements: ['AlterTableStmt'],
  meta: {
    title: 'Do not switch row level security off',
    severity: 'warning',
    cause: 'hygiene',
    why: 'From that moment on every role with rights on the table sees and changes all of its rows; the policies stay, and do nothing.',
    instead: 'Change the policies; if the table shall be open, say so in a waiver, and drop the policies.',
    references: ['https://www.postgresql.org/docs/current/ddl-rowsecurity.html'],
    alsoKnownAs: { migrationpilot: 'MP057', 'postgres-language-server': 'rlsDisabledInPublic' },
  },
  examples: {
    bad: [
      {
        earlier: 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY;',
        sql: 'ALTER TABLE orders DISABLE ROW LEVEL SECURITY;',
      },
    ],
    good: ['ALTER TABLE orders ENABLE ROW LEVEL SECURITY;', 'ALTER TABLE orders DISABLE ROW LEVEL SECURITY;'],
  },
  check({ statement, migration, report }) {
    const alter = nodeAs(statement.statement.tree, 'AlterTableStmt');
    const name = alter?.relation?.relname;
    if (name === undefined) return;
    const commands = (alter?.cmds ?? []).map((command) => nodeAs(command, 'AlterTableCmd')?.subtype);
    const isOff = commands.includes('AT_DisableRowSecurity');
    if (!isOff && !commands.includes('AT_NoForceRowSecurity')) return;
    const table = resolveRelation(statement.before, alter?.relation?.schemaname, name);
    if (!table) {
      report({
        what: `Row level security of ${relationName({ schema: alter?.relation?.schemaname ?? 'public', name })} is switched off.`,
      });
      return;
    }
    if (!('rowSecurity' in table) || !migration.before.relations.has(table.id)) return;
    if (isOff && table.rowSecurity === 'on')
      report({ what: `Row level security of ${relationName(table)} is switched off.` });
    else if (!isOff && table.forceRowSecurity)
      report({ what: `Row level security of ${relationName(table)} no longer counts for its owner.` });
  },
});
