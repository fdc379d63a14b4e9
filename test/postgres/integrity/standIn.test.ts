import { strict as assert } from 'node:assert';
import { SUPABASE_STAND_IN } from '../../../src/core/tools/supabaseSchema.ts';
import { withClient } from '../../../src/node/connection.ts';
import { catalogCheck } from '../../../src/node/integrity/catalogComparison.ts';
import { analyzeSupabase } from '../../support/supabase.ts';
import { withDatabase } from '../apply/appliedHere.ts';

const GREET = "CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";
const TRIGGER = 'CREATE TRIGGER on_new_user AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION greet();';
const POLICY = 'CREATE POLICY own ON storage.objects USING (true);';
const REALTIME = 'CREATE TABLE notes (id int PRIMARY KEY); ALTER PUBLICATION supabase_realtime ADD TABLE notes;';
const history = analyzeSupabase(
  `CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION hstore; ${GREET} ${TRIGGER} ${POLICY} ${REALTIME}`,
);

/** As a platform differs from the stand-in: more of everything, something less, something elsewhere. */
const PLATFORM = `CREATE TABLE auth.refresh_tokens (id bigint PRIMARY KEY);
ALTER TABLE auth.users ADD COLUMN later_column text, ALTER COLUMN aud TYPE text;
CREATE SCHEMA vault;
CREATE EXTENSION citext SCHEMA extensions;
CREATE EXTENSION pg_trgm SCHEMA extensions;
DROP FUNCTION storage.extension(text);`;

describe('the catalog check of a Supabase history', function () {
  this.timeout(60_000);

  for (const [what, drop, expected] of [
    ["passes over what is the platform's", '', []],
    ["finds a migration's extension missing", 'DROP EXTENSION hstore', ['extension hstore']],
    ['finds its trigger on a table of the platform missing', 'DROP TRIGGER on_new_user ON auth.users', [/on_new_user/]],
    ['finds its policy on a table of the platform missing', 'DROP POLICY own ON storage.objects', [/own/]],
    [
      'finds its table missing in the publication',
      'ALTER PUBLICATION supabase_realtime DROP TABLE notes',
      [/realtime/],
    ],
  ] as const) {
    it(what, () =>
      withDatabase((url) =>
        withClient(url, {}, async (client) => {
          // Roles are the cluster's, and privileges are not compared.
          await client.query(SUPABASE_STAND_IN.text.replace(/^(?:GRANT|ALTER DEFAULT PRIVILEGES) .*$/gm, ''));
          await client.query(PLATFORM);
          for (const { migration } of history.migrations) await client.query(migration.text);
          await client.query(drop);
          const { findings, summary } = await catalogCheck(client, history, history.migrations.at(-1)!.after);
          const found = findings.map(({ object }) => object);
          assert.equal(found.length, expected.length, `${summary}: ${found.join(', ')}`);
          for (const [index, one] of expected.entries())
            assert.match(found[index]!, typeof one === 'string' ? new RegExp(`^${one}$`) : one);
        }),
      ),
    );
  }
});
