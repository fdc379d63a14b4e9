import { strict as assert } from 'node:assert';
import { appliedMigrations, type AppliedHistory } from '../../../src/node/apply/appliedMigrations.ts';
import { withClient } from '../../../src/node/connection.ts';
import { flywayChecksum } from '../../../src/core/tools/checksums.ts';
import type { ToolId } from '../../../src/core/tools/tool.ts';
import { historyOf, withDatabase } from './appliedHere.ts';

describe('what is applied, by the tool’s own table', function () {
  this.timeout(30_000);

  it('dbmate: one row each', () =>
    reads(
      'dbmate',
      ['20240101', '20240102'],
      "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101'), ('20239999')",
      (applied) => {
        assert.deepEqual(brief(applied), ['20240101 applied null']);
        assert.deepEqual(applied.unknown, ['20239999']);
      },
    ));

  it('golang-migrate: one row for all before it', () =>
    reads(
      'golang-migrate',
      ['1', '2', '10'],
      'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, false)',
      (applied) => {
        assert.deepEqual(brief(applied), ['1 applied null', '2 applied null']);
      },
    ));

  it('Supabase: in a schema of its own', () =>
    reads(
      'supabase',
      ['20240101', '20240102'],
      "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text); INSERT INTO supabase_migrations.schema_migrations VALUES ('20240102')",
      (applied) => {
        assert.deepEqual(brief(applied), ['20240102 applied null']);
        assert.equal(applied.table, 'supabase_migrations.schema_migrations');
      },
    ));

  it('Flyway: versions however written, failures, undone ones, checksums', () =>
    reads(
      'flyway',
      ['V1', 'V1.2', 'V3', 'R__views'],
      `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
         script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL);
       INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES
         (1, '1.0', 'a', 'SQL', 'V1__a.sql', ${flywayChecksum('SELECT 1')}, 'x', 1, true),
         (2, '1.2', 'b', 'SQL', 'V1_2__b.sql', 7, 'x', 1, true),
         (3, '3', 'c', 'SQL', 'V3__c.sql', NULL, 'x', 1, false),
         (4, NULL, 'views', 'SQL', 'R__views.sql', NULL, 'x', 1, true)`,
      (applied) => {
        assert.deepEqual(brief(applied), [
          'V1 applied false',
          'V1.2 applied true',
          'V3 failed null',
          'R__views applied null',
        ]);
        assert.match(applied.migrations[0]!.at ?? '', /^\d{4}-\d\d-\d\dT.*Z$/);
      },
    ));

  it('nothing, where there is no table', () =>
    reads('prisma', ['1'], 'SELECT 1', (applied) => {
      assert.deepEqual([applied.present, applied.migrations.length, applied.table], [false, 0, '_prisma_migrations']);
    }));
});

function reads(
  tool: ToolId,
  ids: readonly string[],
  setUp: string,
  check: (applied: AppliedHistory) => void,
): Promise<void> {
  return withDatabase((url) =>
    withClient(url, {}, async (client) => {
      await client.query(setUp);
      check(
        await appliedMigrations(
          client,
          historyOf(
            ids.map((path) => ({ path, text: 'SELECT 1' })),
            tool,
          ).history,
        ),
      );
    }),
  );
}

function brief({ migrations }: AppliedHistory): string[] {
  return migrations.map(({ id, state, changed }) => `${id} ${state} ${String(changed)}`);
}
