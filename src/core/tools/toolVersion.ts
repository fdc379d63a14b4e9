/** npm packages whose version decides how a tool runs a script. */
const PACKAGES = { prisma: ['prisma', '@prisma/client'], supabase: ['supabase'] } as const;

/** Files beside a package.json that pin versions, best first. */
export const LOCK_FILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
] as const;

/**
 * The version of a tool that npm installs, from a lock file, else the lowest that package.json allows; null if neither
 * names it. Any text is taken: these files are other people's.
 *
 * @param files text by file name: `package.json` and those of LOCK_FILES that are there
 */
export function npmToolVersion(tool: keyof typeof PACKAGES, files: ReadonlyMap<string, string>): string | null {
  for (const name of PACKAGES[tool]) {
    for (const lock of LOCK_FILES) {
      const text = files.get(lock);
      const version = text === undefined ? null : lockedVersion(lock, text, name);
      if (version !== null) return version;
    }
  }
  const manifest = files.get('package.json');
  for (const name of manifest === undefined ? [] : PACKAGES[tool]) {
    const range = declared(manifest ?? '', name);
    if (range !== null) return range;
  }
  return null;
}

const VERSION = '([0-9]+\\.[0-9]+\\.[0-9]+[-+.0-9A-Za-z]*)';

function lockedVersion(lock: string, text: string, name: string): string | null {
  const quoted = name.replace(/[/@.]/g, '\\$&');
  const pattern =
    lock === 'yarn.lock'
      ? `^"?${quoted}@[^\\n]*:\\r?\\n[ \\t]+version:? "?${VERSION}`
      : lock === 'pnpm-lock.yaml'
        ? `^[ \\t]+['"]?/?${quoted}[@/]${VERSION}`
        : lock === 'bun.lock'
          ? `"${quoted}":\\s*\\["${quoted}@${VERSION}`
          : `"(?:node_modules/)?${quoted}":\\s*\\{\\s*"version":\\s*"${VERSION}"`;
  return new RegExp(pattern, 'm').exec(text)?.[1] ?? null;
}

function declared(manifest: string, name: string): string | null {
  try {
    const parsed = JSON.parse(manifest) as Record<string, Record<string, unknown> | undefined> | null;
    for (const group of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const range = parsed?.[group]?.[name];
      const version = typeof range === 'string' ? /\d+(?:\.\d+)*/.exec(range)?.[0] : undefined;
      if (version !== undefined) return version;
    }
  } catch {
    // Half-written: says nothing.
  }
  return null;
}
