import { strict as assert } from 'node:assert';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Approval, Evidence } from '../../../src/core/records/record.ts';
import {
  evidenceStore,
  readEvidence,
  readWorkspaceRecords,
  saveEvidence,
  seenRecords,
  writeWorkspaceRecord,
} from '../../../src/node/records.ts';

const subject = { version: 1, history: '.', migration: 'a/0001 é.sql', digest: 'd', base: null, saw: [] } as const;
const approval: Approval = {
  type: 'approval',
  ...subject,
  at: '2026-03-01T12:00:00.000Z',
  role: 'dba',
  person: { name: 'Ann', email: 'ann@example.com' },
  comment: null,
};
const evidence: Evidence = {
  type: 'evidence',
  ...subject,
  at: '2026-03-01T12:00:00.000Z',
  kind: 'staging run',
  outcome: 'passed',
  environment: null,
  server: { version: '16.4', major: 16, place: 'embedded' },
  settings: {},
  milliseconds: 1,
  summary: 's',
  details: null,
};

describe('records on disk', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lockkeeper-records-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are none where there is no folder', async () => {
    assert.deepEqual(await readWorkspaceRecords(root), { records: [], problems: [] });
    assert.deepEqual(await readEvidence(join(root, 'none')), []);
  });

  it('are written and read, with attributes that keep git from changing their bytes', async () => {
    const { name, path } = await writeWorkspaceRecord(root, approval);
    assert.equal(path, `.lockkeeper/records/%2E/a%2F0001%20%C3%A9.sql/${name}.json`);
    const { records, problems } = await readWorkspaceRecords(root);
    assert.deepEqual(records, [{ name, record: approval }]);
    assert.deepEqual(problems, []);
    assert.equal(await readFile(join(root, '.lockkeeper', '.gitattributes'), 'utf8'), '* -text\n');
  });

  it('are written once: the same record again leaves the file as it is', async () => {
    const { path } = await writeWorkspaceRecord(root, approval);
    const before = await stat(join(root, path));
    await writeWorkspaceRecord(root, approval);
    assert.equal((await stat(join(root, path))).mtimeMs, before.mtimeMs);
    assert.equal((await readWorkspaceRecords(root)).records.length, 1);
  });

  it('show an edit and a removal', async () => {
    const first = await writeWorkspaceRecord(root, approval);
    const { records } = await readWorkspaceRecords(root);
    const saw = seenRecords(records, approval);
    assert.deepEqual(saw, [first.name]);
    await writeWorkspaceRecord(root, { ...approval, role: 'reviewer', at: '2026-03-02T12:00:00.000Z', saw });
    await appendFile(join(root, first.path), ' ');
    assert.deepEqual(
      (await readWorkspaceRecords(root)).problems.map(({ kind }) => kind),
      ['edited'],
    );
    await rm(join(root, first.path));
    assert.deepEqual(
      (await readWorkspaceRecords(root)).problems.map(({ kind }) => kind),
      ['removed'],
    );
  });

  it('keep evidence apart from the repository, one folder a workspace', async () => {
    const environment = { XDG_STATE_HOME: join(root, 'state') };
    const store = evidenceStore('/work/shop', environment);
    assert.notEqual(store, evidenceStore('/other/shop', environment));
    const { name } = await saveEvidence(store, evidence);
    assert.deepEqual(await readEvidence(store), [{ name, record: evidence }]);
    assert.deepEqual((await readWorkspaceRecords(root)).records, []);
  });
});
