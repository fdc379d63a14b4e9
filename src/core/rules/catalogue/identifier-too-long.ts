import { nodeAs } from '../../sql/tree.ts';
import { tokensOf } from '../fixes/tokens.ts';
import { defineRule } from '../rule.ts';

export const identifierTooLong = defineRule({
  id: 'identifier-too-long',
  // Where names are given: one that is only used would not be found.
  statements: [
    'CreateStmt',
    'AlterTableStmt',
    'IndexStmt',
    'RenameStmt',
    'ViewStmt',
    'CreateTableAsStmt',
    'CreateFunctionStmt',
    'CreateTrigStmt',
    'CreatePolicyStmt',
    'CreateEnumStmt',
    'CompositeTypeStmt',
    'CreateDomainStmt',
    'CreateSeqStmt',
    'CreateSchemaStmt',
  ],
  meta: {
    title: 'Keep names within 63 bytes',
    severity: 'warning',
    cause: 'hygiene',
    why: 'PostgreSQL cuts a longer name off without an error: what is made has another name than the script says, and two that differ only behind byte 63 are the same.',
    instead: 'Choose a shorter name.',
    references: ['https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS'],
    alsoKnownAs: { squawk: 'identifier-too-long' },
  },
  examples: {
    bad: [
      'CREATE INDEX CONCURRENTLY orders_customer_id_number_status_total_fee_note_placed_at_index_of_all ON orders (customer_id);',
    ],
    good: [
      'ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_customer_id_number_status_total_fee_note_placed_at_customers_id_fk;',
      'CREATE INDEX CONCURRENTLY orders_all_idx ON orders (customer_id);',
      "COMMENT ON TABLE orders IS 'orders_customer_id_number_status_total_fee_note_placed_at_index_of_all';",
    ],
  },
  check({ statement: { statement }, report }) {
    if (!mayHoldLongName(statement.text)) return;
    const isAlter = nodeAs(statement.tree, 'AlterTableStmt') !== undefined;
    let gives = !isAlter;
    const names: string[] = [];
    for (const { kind, text, depth } of tokensOf(statement.text)) {
      // Of ALTER TABLE only what it adds: a name that it drops was cut off when it was given.
      if (isAlter && depth === 0 && text === ',') gives = false;
      if (kind === 'word' && (text === 'add' || text === 'to')) gives = true;
      if (gives && (kind === 'word' || kind === 'quoted identifier') && cut(text) !== text) names.push(text);
    }
    for (const name of new Set(names)) report({ what: `${name} is cut off after 63 bytes: ${cut(name)}.` });
  },
});

/** Rules out nearly every statement in one quick pass: no run of letters, or of anything between quotes, is that long. */
function mayHoldLongName(text: string): boolean {
  let bytes = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) quoted = !quoted;
    const isPart = quoted || code > 127 || code === 95 || code === 36 || (code > 47 && code < 58) || (code | 32) > 96;
    // A letter beyond ASCII takes up to three bytes, and one of two UTF-16 units four.
    bytes = isPart && code !== 34 ? bytes + (code > 127 ? 3 : 1) : 0;
    if (bytes > 63) return true;
  }
  return false;
}

/** PostgreSQL cuts whole characters. */
function cut(name: string): string {
  let bytes = 0;
  let kept = '';
  for (const letter of name) {
    const code = letter.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > 63) break;
    kept += letter;
  }
  return kept;
}
