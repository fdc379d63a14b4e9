import type { MigrationAnalysis } from '../../analyze.ts';
import { migrationDigest } from '../../digest.ts';
import { TOOLS } from '../../tools/registry.ts';
import type { Migration, ToolId } from '../../tools/tool.ts';
import type { LintFacts } from '../facts.ts';
import { defineHistoryRule } from '../rule.ts';

/** What the tool does about an applied file that has changed. */
const CONSEQUENCE: Readonly<Partial<Record<ToolId, string>>> = {
  prisma:
    'Prisma keeps a checksum of every applied migration: prisma migrate dev demands a reset of the database, and prisma migrate deploy passes over the edit without running it.',
  flyway: 'Flyway keeps a checksum of every applied migration: validate and migrate stop with an error.',
};

export const editedAfterMerge = defineHistoryRule({
  id: 'edited-after-merge',
  dialect: 'any',
  needsFacts: true,
  meta: {
    title: 'Do not edit a migration that is merged or applied',
    severity: 'error',
    cause: 'hygiene',
    why: 'Where it is applied it never runs again, so databases that have it and those that get it from now on differ.',
    instead: 'Take the edit back (git restore), and make the change in a new migration.',
    more: `Found from the tool's own checksum where an environment was asked, else from git: the file as it was where this branch left the default
branch. Line ends and a byte order mark do not count. Repeatable migrations of Flyway (\`R__…\`) are made to be edited. It is the one rule that speaks of old migrations.`,
    references: ['https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        facts: {
          merged: new Map([['3.sql', { text: 'ALTER TABLE orders ADD COLUMN remark text;', ref: 'origin/main' }]]),
        },
        sql: 'ALTER TABLE orders ADD COLUMN remark varchar(80);',
      },
      {
        facts: {
          applied: new Map([['3.sql', [{ environment: 'production', at: null, problem: 'applied from other bytes' }]]]),
        },
        sql: 'ALTER TABLE orders ADD COLUMN remark varchar(80);',
      },
      {
        facts: { appliedAs: new Map([['3.sql', [{ environment: 'production', digest: '0'.repeat(64) }]]]) },
        sql: 'ALTER TABLE orders ADD COLUMN remark varchar(80);',
      },
    ],
    good: [
      {
        facts: {
          applied: new Map([['3.sql', [{ environment: 'production', at: null, problem: null }]]]),
        },
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\n',
      },
      {
        facts: {
          merged: new Map([['3.sql', { text: 'ALTER TABLE orders ADD COLUMN remark text;\r\n', ref: 'origin/main' }]]),
        },
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\n',
      },
    ],
  },
  check({ analysis, facts, reportAt }) {
    if (!facts.merged?.size && !facts.applied?.size && !facts.appliedAs?.size) return;
    for (const migration of analysis.migrations) {
      const { id, tool, path } = migration.migration;
      if (tool === 'flyway' && id.startsWith('R__')) continue;
      const edit = editOf(migration, facts);
      if (edit === null) continue;
      reportAt(migration, edit.offset, {
        what: `${path} ${edit.what}.`,
        ...(CONSEQUENCE[tool] === undefined ? {} : { why: CONSEQUENCE[tool] }),
        ...(tool === 'plain' ? {} : { instead: `-- ${TOOLS[tool].name}: leave the file as it was, and add a new one` }),
      });
    }
  },
});

function editOf(
  { migration }: MigrationAnalysis,
  { merged, applied, appliedAs }: LintFacts,
): { readonly offset: number; readonly what: string } | null {
  const before = merged?.get(migration.path);
  const change = before === undefined ? -1 : firstDifference(before.text, migration.text);
  const offset = Math.max(change, migration.range.start);
  // By the tool's own checksum, then by what Lockkeeper applied itself, then by git.
  const other = applied?.get(migration.id)?.find(({ problem }) => problem?.includes('other bytes'));
  if (other) return { offset, what: `is applied in ${other.environment}, from another text` };
  const known = appliedAs?.get(migration.id);
  if (known && !known.some(({ digest }) => digest === digestOf(migration)))
    return { offset, what: `was applied in ${known[0]?.environment ?? 'a database'}, from another text` };
  return before === undefined || change < 0 ? null : { offset, what: `is on ${before.ref} already, with another text` };
}

const digests = new WeakMap<Migration, string>();

function digestOf(migration: Migration): string {
  let digest = digests.get(migration);
  if (digest === undefined) {
    digest = migrationDigest(migration);
    digests.set(migration, digest);
  }
  return digest;
}

/** Where the second text begins to differ, -1 where it does not; CRLF counts as LF, a byte order mark for nothing. */
function firstDifference(before: string, now: string): number {
  if (before === now) return -1;
  const old = before.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  let at = now.startsWith('\ufeff') ? 1 : 0;
  for (let place = 0; place < old.length || at < now.length; place++, at++) {
    if (now.startsWith('\r\n', at)) at++;
    if (old[place] !== now[at]) return Math.min(at, Math.max(0, now.length - 1));
  }
  return -1;
}
