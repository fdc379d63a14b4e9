/**
 * Reads from git with plumbing alone. A repository is untrusted: no hook, file-system monitor, pager, prompt, lazy fetch
 * or lock is let loose, and no command takes longer than a few seconds.
 *
 * @returns null when git is missing, refuses, or the folder is no repository
 */
function git(folder: string, args: readonly string[]): string | null {
  return gitBytes(folder, args)?.toString('utf8') ?? null;
}

function gitBytes(folder: string, args: readonly string[], input?: string): Buffer | null {
  try {
    // Only here, since loading it costs a run of `lint` that asks git nothing a few milliseconds.
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    return execFileSync('git', [...SAFE, ...args], {
      cwd: folder,
      timeout: 5000,
      maxBuffer: 64 * 1024 * 1024,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'],
      ...(input === undefined ? {} : { input }),
      windowsHide: true,
      env: {
        ...process.env,
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        GIT_NO_LAZY_FETCH: '1',
        GIT_NO_REPLACE_OBJECTS: '1',
        GIT_PAGER: 'cat',
        GIT_LITERAL_PATHSPECS: '1',
        LC_ALL: 'C',
      },
    });
  } catch {
    return null;
  }
}

const SAFE = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.untrackedCache=false'];

/** Where a branch left the default branch. */
export interface Baseline {
  /** The commit's id. */
  readonly commit: string;
  /** What it was found by, for people: `origin/main`. */
  readonly ref: string;
}

/**
 * The commit up to which the working tree's branch is on the default branch: the merge base with the remote's default
 * branch, else with a local `main` or `master`.
 *
 * @returns null without git, without a commit, or without a default branch: then nothing is known to be there already
 */
export function defaultBranchBase(folder: string): Baseline | null {
  const branch = findDefaultBranch(folder);
  return branch && { commit: branchedOff(folder, branch.commit), ref: branch.ref };
}

/** The merge base of HEAD and a ref that a person named; null if there is no such ref. */
export function mergeBase(folder: string, ref: string): Baseline | null {
  const resolved = commitOf(folder, ref);
  return resolved === null ? null : { commit: branchedOff(folder, resolved), ref };
}

/** Where HEAD left a commit's line; the commit itself where they have nothing in common. */
function branchedOff(folder: string, commit: string): string {
  return git(folder, ['merge-base', 'HEAD', commit])?.trim() ?? commit;
}

/** The commit that a ref names; null if there is no such ref. */
export function commitOf(folder: string, ref: string): string | null {
  if (ref.startsWith('-')) return null;
  const found = git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  return found?.trim() || null;
}

/** The remote's default branch, `origin/main`: what nobody changes without the team's rules. Null without a remote. */
export function remoteDefaultBranch(folder: string): string | null {
  const branch = defaultBranch(folder);
  return branch?.includes('/') === true ? branch : null;
}

/**
 * The branch that is trusted: the remote's default branch, or without one a local `main` or `master`.
 *
 * @returns a ref as people write it, `origin/main`
 */
export function defaultBranch(folder: string): string | null {
  return findDefaultBranch(folder)?.ref ?? null;
}

/** The branch with its newest commit. */
function findDefaultBranch(folder: string): Baseline | null {
  const known = git(folder, [
    'for-each-ref',
    '--format=%(refname) %(objectname) %(symref)',
    'refs/remotes',
    'refs/heads/main',
    'refs/heads/master',
  ]);
  if (known === null) return null;
  const refs = known.split('\n').map((line) => line.split(' '));
  const heads = refs.filter(([name, , target]) => name?.endsWith('/HEAD') && target);
  const head = heads.find(([name]) => name === 'refs/remotes/origin/HEAD') ?? heads[0];
  const candidates = [
    ...(head?.[2] === undefined ? [] : [head[2]]),
    ...['origin/main', 'origin/master', 'upstream/main', 'upstream/master'].map((name) => `refs/remotes/${name}`),
    'refs/heads/main',
    'refs/heads/master',
  ];
  for (const name of candidates) {
    const commit = refs.find(([ref]) => ref === name)?.[1];
    if (commit !== undefined) return { commit, ref: name.replace(/^refs\/(?:remotes|heads)\//, '') };
  }
  return null;
}

/** The files under a folder in a commit: path relative to that folder, with `/` → git's id of the content; null without git. */
export function blobsAt(folder: string, commit: string): ReadonlyMap<string, string> | null {
  const listed = git(folder, ['ls-tree', '-r', '-z', commit]);
  if (listed === null) return null;
  const blobs = new Map<string, string>();
  for (const line of listed.split('\0')) {
    const [meta = '', path = ''] = line.split('\t', 2);
    if (path !== '') blobs.set(path, meta.split(' ')[2] ?? '');
  }
  return blobs;
}

/** Paths of the text files in a commit that hold one of the words, whatever the case, relative to the folder; null without git. */
export function pathsHolding(folder: string, commit: string, words: readonly string[]): readonly string[] | null {
  if (words.length === 0) return [];
  const patterns = words.flatMap((word) => ['-e', word]);
  // Finding nothing is exit code 1, the same as no answer.
  const found = git(folder, [
    'grep',
    '-l',
    '-z',
    '-I',
    '-i',
    '-w',
    '-F',
    '--no-color',
    '--no-recurse-submodules',
    ...patterns,
    commit,
  ]);
  return (found ?? '').split('\0').flatMap((line) => (line === '' ? [] : [line.slice(commit.length + 1)]));
}

/** Texts of files in a commit, by path relative to the folder; those that are missing or no text are left out. */
export function textsAt(folder: string, commit: string, paths: readonly string[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  // A line is a name here: one with a line break in it can't be asked for.
  const asked = paths.filter((path) => !path.includes('\n'));
  if (asked.length === 0) return texts;
  const bytes = gitBytes(folder, ['cat-file', '--batch'], asked.map((path) => `${commit}:./${path}\n`).join(''));
  if (bytes === null) return texts;
  let at = 0;
  for (const path of asked) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const [, type, size] = bytes.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (type !== 'blob') continue;
    texts.set(path, bytes.toString('utf8', at, at + Number(size)));
    at += Number(size) + 1;
  }
  return texts;
}

/** A file's text in a commit or at a ref; null if it is not there. */
export function textAt(folder: string, ref: string, path: string): string | null {
  return git(folder, ['cat-file', 'blob', `${ref}:./${path}`]);
}

/** The repository's top folder; null outside of one. */
export function repositoryRoot(folder: string): string | null {
  return git(folder, ['rev-parse', '--show-toplevel'])?.replace(/\r?\n$/, '') ?? null;
}

/** Name and e-mail address that git would put into a commit here; null without them. */
export function gitPerson(folder: string): Promise<{ readonly name: string; readonly email: string } | null> {
  const value = (key: string): string => git(folder, ['config', '--get', key])?.trim() ?? '';
  const email = value('user.email');
  return Promise.resolve(email === '' ? null : { name: value('user.name') || email, email });
}
