import assert from 'node:assert/strict';
import type { StatementEffects } from '../../../src/core/effects/effect.ts';
import { lastStatements } from './support.ts';

const SETUP = `
CREATE TABLE settings (key text PRIMARY KEY, value text);
CREATE TABLE orders (id int);
CREATE VIEW labels AS SELECT value FROM settings;
CREATE FUNCTION setting(wanted text) RETURNS text LANGUAGE sql AS 'SELECT value FROM settings WHERE key = wanted';
CREATE FUNCTION prefix() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN setting(''prefix''); END';
CREATE FUNCTION role_of(name text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN prefix() || name; END';
CREATE FUNCTION label() RETURNS text LANGUAGE sql AS 'SELECT value FROM labels';
CREATE FUNCTION deep(n int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN deep(n - 1) + length(label()); END';`;

const CALL = "SELECT role_of('clerk'), label(), deep(3);";

/** What happens between the calls; each may change what they do, or not. */
const CHANGES = [
  'SELECT 1;',
  'GRANT SELECT ON orders TO PUBLIC;',
  'GRANT SELECT ON settings TO PUBLIC;',
  'INSERT INTO orders VALUES (1);',
  'ALTER TABLE settings RENAME TO options;',
  'ALTER TABLE options RENAME TO settings;',
  'CREATE OR REPLACE VIEW labels AS SELECT value FROM settings JOIN orders ON true;',
  'CREATE TABLE parts () INHERITS (orders);',
  'ALTER TABLE parts NO INHERIT orders;',
  'ALTER TABLE parts INHERIT orders;',
  "CREATE OR REPLACE FUNCTION prefix() RETURNS text LANGUAGE sql AS 'SELECT ''x'' FROM orders';",
  'CREATE SCHEMA other; CREATE TABLE other.settings (key text, value text); SET search_path = other, public;',
  'SET search_path = public;',
  'DROP TABLE settings CASCADE;',
  "CREATE OR REPLACE FUNCTION label() RETURNS text LANGUAGE plpgsql AS 'BEGIN DELETE FROM orders; RETURN ''''; END';",
  "CREATE OR REPLACE FUNCTION label() RETURNS text LANGUAGE plpgsql AS 'BEGIN ALTER TABLE orders ALTER COLUMN id SET STATISTICS 7; RETURN ''''; END';",
  "CREATE OR REPLACE FUNCTION label() RETURNS text LANGUAGE plpgsql AS 'BEGIN EXECUTE prefix(); RETURN ''''; END';",
];

/** Without the place in the file, where the two scripts differ. */
function said({ effects, opaque, unknownRelations }: StatementEffects): unknown {
  return { effects, opaque: opaque.map(({ reason }) => reason), unknownRelations };
}

describe('calls of functions', () => {
  for (const mode of ['autocommit', 'explicit'] as const) {
    it(`do the same whether or not they were looked into before: ${mode}`, () => {
      const script = [SETUP, CALL, CALL, ...CHANGES.map((change) => change + CALL)].join('\n');
      const calls = lastStatements(['', script], { mode }).filter(({ statement }) => CALL.startsWith(statement.text));
      for (const [index, change] of CHANGES.entries()) {
        const alone = [SETUP, ...CHANGES.slice(0, index + 1), CALL].join('\n');
        const [often, once] = [calls[index + 2], lastStatements(['', alone], { mode }).at(-1)];
        assert.ok(often && once);
        assert.deepEqual(said(often.effects), said(once.effects), change);
      }
    });
  }
});
