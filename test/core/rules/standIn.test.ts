import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../src/core/lint.ts';
import { NO_HINT } from '../../support/lint.ts';
import { analyzeSupabase } from '../../support/supabase.ts';

/** What `refused-statement` says of the last of these migrations. */
function refusal(...texts: readonly string[]): string | undefined {
  const analysis = analyzeSupabase(...texts);
  const { files } = lintHistory(analysis, { speaks: () => true, mayEdit: () => true, config: { rules: NO_HINT } });
  return files.at(-1)?.findings.find(({ rule }) => rule === 'refused-statement')?.message;
}

describe("Supabase's own tables, stood in for", () => {
  it('are followed wholly', () => {
    assert.deepEqual(analyzeSupabase('SELECT 1;').baseline?.after.gaps, []);
  });

  it('have more than Lockkeeper knows of: nothing is refused for a lack of it', () => {
    for (const sql of [
      'CREATE INDEX ON auth.users (later_column);',
      `COMMENT ON COLUMN "storage"."buckets".later_column IS 'x';`,
      'CREATE TABLE p (id uuid REFERENCES auth.users (later_column));',
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t AFTER UPDATE OF later_column ON auth.users FOR EACH ROW EXECUTE FUNCTION f();",
      'DROP POLICY theirs ON storage.objects;',
    ])
      assert.equal(refusal(sql), undefined, sql);
  });

  it('are refused a name that is taken, and tables of the project what they lack', () => {
    const policy = 'CREATE POLICY own ON storage.objects USING (owner = auth.uid());';
    assert.match(refusal(policy, policy) ?? '', /42710/);
    assert.match(refusal('CREATE TABLE p (id uuid);', 'CREATE INDEX ON p (later_column);') ?? '', /42703/);
  });
});
