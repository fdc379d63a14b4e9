import { strict as assert } from 'node:assert';
import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stagingEvidence } from '../../src/core/report/evidence.ts';
import type { StagingRun } from '../../src/core/report/stagingRun.ts';
import { evidenceStore, saveEvidence } from '../../src/node/records.ts';
import { Engine } from '../../src/vscode/engine/engine.ts';
import { exportReport, measurements, report } from '../../src/vscode/engine/stagingRequests.ts';
import { sampleRun } from '../core/report/sampleRun.ts';

const SQL = ['ALTER TABLE orders ADD COLUMN a int;', 'CREATE INDEX orders_a ON orders (a);', ''].join('\n');

describe('staging reports in the editor', () => {
  let home: string;
  let folder: string;
  let engine: Engine;
  const state = process.env['XDG_STATE_HOME'];
  const key = () => ({ folder, history: 'migrations', migration: '2.sql' });
  const place = () => path.join(folder, 'migrations/2.sql');

  before(async () => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'lockkeeper-reports-')));
    folder = path.join(home, 'app');
    process.env['XDG_STATE_HOME'] = path.join(home, 'state');
    mkdirSync(path.join(folder, 'migrations'), { recursive: true });
    writeFileSync(path.join(folder, 'migrations/1.sql'), 'CREATE TABLE orders (id int);\n');
    writeFileSync(place(), SQL);
    engine = new Engine(() => undefined);
    await engine.open({ folders: [{ path: folder, name: 'app' }] });
  });
  after(() => {
    if (state === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = state;
    rmSync(home, { recursive: true, force: true });
  });

  async function keep(change: Partial<StagingRun>): Promise<void> {
    const { overview } = engine.locate(key());
    const texts = ['ALTER TABLE orders ADD COLUMN a int', 'CREATE INDEX orders_a ON orders (a)'];
    const statements = texts.flatMap((text, index) => {
      const like = sampleRun.statements[index];
      return like === undefined ? [] : [{ ...like, text, startLine: index + 1 }];
    });
    const run = {
      ...sampleRun,
      history: 'migrations',
      migration: '2.sql',
      digest: overview.digest,
      statements,
      ...change,
    };
    await saveEvidence(evidenceStore(folder), stagingEvidence(run, { saw: [] }));
    await engine.learn();
  }

  it('has none before a run, and says so in no other way', () => {
    assert.equal(report(engine, { key: key() }), null);
    assert.equal(exportReport(engine, { key: key(), format: 'html' }), null);
    assert.deepEqual(measurements(engine, { key: key() }), []);
  });

  it('shows the last run, exports it, and puts each time at its statement', async () => {
    await keep({});
    const shown = report(engine, { key: key(), compare: true });
    assert.deepEqual([shown?.runs, shown?.compared, shown?.title], [1, false, 'Staging: 2.sql']);
    assert.match(shown?.html ?? '', /data-line="2"/);
    assert.equal(exportReport(engine, { key: key(), format: 'markdown' })?.name, '2.sql.staging.md');
    assert.match(exportReport(engine, { key: key(), format: 'html' })?.text ?? '', /^<!doctype html>/);
    assert.match(exportReport(engine, { key: key(), format: 'json' })?.text ?? '', /"migration": "2\.sql"/);
    assert.deepEqual(
      measurements(engine, { key: key() }).map(({ place: at, label, stale }) => [at.endLine, label, stale]),
      [
        [0, '0.81 s, others waited 1.1 s', false],
        [1, '0.14 s', false],
      ],
    );
  });

  it('compares the last two runs', async () => {
    await keep({ at: '2026-03-02T12:00:00.000Z', stalls: [] });
    const shown = report(engine, { key: key(), compare: true });
    assert.deepEqual([shown?.runs, shown?.compared], [2, true]);
    assert.match(shown?.html ?? '', /Compared with the run of 2026-03-01 12:00 UTC/);
    assert.doesNotMatch(report(engine, { key: key() })?.html ?? '', /Compared with/);
  });

  it('marks times of an earlier text, and drops those of statements that changed', () => {
    engine.setText({ path: place(), text: `\n${SQL.replace('(a);', '(a, id);')}`, version: 2 });
    assert.deepEqual(
      measurements(engine, { key: key() }).map(({ place: at, label, stale }) => [at.endLine, label, stale]),
      [[1, '0.81 s (before the last change)', true]],
    );
    engine.closeText({ path: place() });
    assert.equal(measurements(engine, { key: key() }).length, 2);
  });
});
