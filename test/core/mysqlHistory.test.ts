import { strict as assert } from 'node:assert';
import { analyzeHistory } from '../../src/core/analyze.ts';
import { lintHistory } from '../../src/core/lint.ts';
import { mysqlParser } from '../support/mysql.ts';
import { historyOf } from '../support/histories.ts';

describe('a MySQL history', () => {
  const analysis = analyzeHistory(
    historyOf('prisma', {
      'migration_lock.toml': 'provider = "mysql"',
      '1_init/migration.sql': 'CREATE TABLE `a` (id int);\nCREATE INDEX i ON a (id);\n',
      '2_b/migration.sql':
        'ALTER TABLE `a` MODIFY id bigint;\nALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES b (id);\nRENAME TABLE a TO c;\nDROP TABLE d;\nALTER TABLE a FORCE;\n',
    }),
    { parser: mysqlParser, settings: { major: 16, timeZone: null } },
  );
  const found = lintHistory(analysis, { speaks: () => true, config: {} }).files.map(({ findings }) =>
    findings.map(({ statement, cause, rule }) => `${String(statement)} ${cause} ${rule}`),
  );

  it('gets findings for copying ALTERs, foreign keys, renames and drops, and says what it can not read', () => {
    const said = (found[1] ?? []).join('\n');
    for (const [index, cause] of ['blocks', 'blocks', 'breaks code', 'loses data'].entries()) {
      assert.match(said, new RegExp(`^${String(index)} ${cause} `, 'm'), said);
    }
    assert.match(said, /^4 .*not-analysed/m);
  });

  it('gets none for what the migration itself made', () => {
    assert.deepEqual(found[0], []);
  });
});
