/**
 * Writes src/core/effects/builtins.ts: what PostgreSQL's own catalogs say about built-in functions and casts, per major.
 *
 *   node --import tsx scripts/generate-builtins.ts postgresql://…14 postgresql://…15 … (one empty server a major)
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { format } from 'prettier';

interface Facts {
  readonly major: number;
  readonly names: Set<string>;
  readonly volatile: Set<string>;
  readonly casts: Set<string>;
}

async function read(url: string): Promise<Facts> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const version = await client.query<{ v: string }>(`SELECT current_setting('server_version_num') AS v`);
    const functions = await client.query<{ name: string; volatile: boolean }>(
      `SELECT proname AS name, bool_or(provolatile = 'v') AS volatile
       FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace GROUP BY proname`,
    );
    // WITHOUT FUNCTION: binary coercible. Only between real types, not pseudo-types.
    const casts = await client.query<{ pair: string }>(
      `SELECT s.typname || '>' || t.typname AS pair
       FROM pg_cast c JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget
       WHERE castmethod = 'b'`,
    );
    return {
      major: Math.floor(Number(version.rows[0]?.v) / 10_000),
      names: new Set(functions.rows.map(({ name }) => name)),
      volatile: new Set(functions.rows.filter((row) => row.volatile).map(({ name }) => name)),
      casts: new Set(casts.rows.map(({ pair }) => pair)),
    };
  } finally {
    await client.end();
  }
}

/** The sets of all majors as ranges: what all have, and for the rest from when to when. */
function ranges(all: readonly Facts[], pick: (facts: Facts) => Set<string>): string {
  const groups = new Map<string, string[]>();
  const everything = [...new Set(all.flatMap((facts) => [...pick(facts)]))].sort();
  for (const item of everything) {
    const majors = all.filter((facts) => pick(facts).has(item)).map(({ major }) => major);
    const key = `${majors[0] ?? 0}-${majors.at(-1) ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const lines = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, items]) => {
      const [from = '', to = ''] = key.split('-');
      return `{ from: ${from}, to: ${to}, items: ${JSON.stringify(items.join(' '))} }`;
    });
  return `[${lines.join(',\n')}]`;
}

const all = await Promise.all(process.argv.slice(2).map((url) => read(url)));
all.sort((a, b) => a.major - b.major);
const text = `// Generated from real servers (${all.map(({ major }) => major).join(', ')}) by scripts/generate-builtins.ts. Do not edit.

/** Items that all majors from \`from\` to \`to\` have, separated by spaces. */
export interface MajorRange {
  readonly from: number;
  readonly to: number;
  readonly items: string;
}

/** Names of the functions in pg_catalog (pg_proc). */
export const BUILTIN_FUNCTIONS: readonly MajorRange[] = ${ranges(all, ({ names }) => names)};

/** Those of which at least one overload is VOLATILE. */
export const VOLATILE_BUILTINS: readonly MajorRange[] = ${ranges(all, ({ volatile }) => volatile)};

/** Binary coercible pairs, \`source>target\` (pg_cast, castmethod 'b'). */
export const BINARY_CASTS: readonly MajorRange[] = ${ranges(all, ({ casts }) => casts)};
`;
const path = 'src/core/effects/builtins.ts';
writeFileSync(path, await format(text, { parser: 'typescript', printWidth: 120, singleQuote: true }));
