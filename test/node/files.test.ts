import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isSearched, readTextFile, UnreadableFileError, walkFolder } from '../../src/node/files.ts';
import { withFolder } from '../support/folders.ts';

describe('reading a file', () => {
  it('keeps a BOM, so that offsets are those of the file', () => {
    withFolder({ 'a.sql': '\ufeffSELECT 1;' }, (folder) => {
      assert.deepEqual(readTextFile(join(folder, 'a.sql')), { text: '\ufeffSELECT 1;', invalidAt: null });
    });
  });

  it('says where the bytes are not UTF-8', () => {
    const latin1 = Buffer.concat([Buffer.from('-- 😀 '), Buffer.from([0xe9]), Buffer.from(' SELECT 1;')]);
    const cut = Buffer.from('SELECT 😀').subarray(0, -1);
    withFolder({ 'a.sql': latin1, 'b.sql': cut, 'c.sql': '-- \ufffd is meant' }, (folder) => {
      assert.equal(readTextFile(join(folder, 'a.sql')).invalidAt, 8);
      assert.equal(readTextFile(join(folder, 'b.sql')).invalidAt, 7);
      assert.equal(readTextFile(join(folder, 'c.sql')).invalidAt, null);
    });
  });

  it('names the reason when it can not be read, and does not wait for a pipe', () => {
    withFolder({ 'd/a.sql': '' }, (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe.sql')]);
      const reason = (path: string): string => {
        try {
          readTextFile(join(folder, path));
          return 'read';
        } catch (error) {
          assert.ok(error instanceof UnreadableFileError);
          return error.reason;
        }
      };
      assert.equal(reason('none.sql'), 'missing');
      assert.equal(reason('d'), 'not a file');
      assert.equal(reason('pipe.sql'), 'not a file');
    });
  });
});

describe('walking a folder', () => {
  it('skips what is not the repository’s own', () => {
    withFolder({ 'a/b.sql': '', 'a/c.txt': '', 'node_modules/x/d.sql': '', '.git/e.sql': '' }, (folder) => {
      assert.deepEqual(walkFolder(folder, { wanted: (name) => name.endsWith('.sql') }), {
        paths: ['a/b.sql'],
        truncated: false,
      });
    });
  });

  it('follows links inside the folder once, and none that leads out', () => {
    withFolder({ 'secret.sql': '' }, (outside) => {
      withFolder({ 'a/b.sql': '' }, (folder) => {
        symlinkSync(outside, join(folder, 'out'));
        symlinkSync(join(outside, 'secret.sql'), join(folder, 'out.sql'));
        symlinkSync('..', join(folder, 'a', 'loop'));
        symlinkSync('nowhere', join(folder, 'dangling.sql'));
        symlinkSync('a/b.sql', join(folder, 'same.sql'));
        assert.deepEqual(walkFolder(folder).paths.toSorted(), ['a/b.sql', 'same.sql']);
      });
    });
  });

  it('stops at its limit and says so', () => {
    withFolder({ 'a.sql': '', 'b.sql': '', 'c.sql': '' }, (folder) => {
      const walk = walkFolder(folder, { limit: 2 });
      assert.equal(walk.paths.length, 2);
      assert.equal(walk.truncated, true);
    });
  });
});

describe('what a walk can come to', () => {
  it('is what it lists, and nothing of the folders that it leaves out', () => {
    const files = {
      'a.sql': '',
      'm/.cache.sql': '',
      'm/b.sql': '',
      '.cache/c.sql': '',
      'm/vendor/x/d.sql': '',
      '..e/f.sql': '',
    };
    withFolder(files, (folder) => {
      const searched = Object.keys(files).filter((path) => isSearched(join(folder, path), folder));
      assert.deepEqual(searched.sort(), [...walkFolder(folder).paths].sort());
      assert.deepEqual(searched.sort(), ['..e/f.sql', 'a.sql', 'm/.cache.sql', 'm/b.sql']);
      assert.equal(isSearched(folder, folder), true);
      assert.equal(isSearched(join(folder, '..', 'a.sql'), folder), false);
    });
  });
});
