import type { Client } from 'pg';
import type { HistoryAnalysis } from '../../core/analyze.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { compareCatalogs, type CatalogDifference } from '../../core/catalog/compare.ts';
import { counted } from '../../core/report/figures.ts';
import type { IntegrityCheck, IntegrityFinding } from '../../core/report/integrityResult.ts';
import { standsIn } from '../../core/tools/supabaseSchema.ts';
import { introspect } from '../introspect/introspect.ts';

/** More than this is not read by anybody. */
const SHOWN = 50;

const COMPARED = { privileges: false, comments: false };

/**
 * Is the schema the one that the history makes? Structure and names only: owners, privileges and comments are set by
 * hand on many servers, and the order of columns depends on who applied what first.
 * @param expected null: what is applied is not the beginning of the history, so that no catalog can be expected
 */
export async function catalogCheck(
  client: Client,
  history: HistoryAnalysis,
  expected: Catalog | null,
): Promise<IntegrityCheck> {
  const notRun = (summary: string): IntegrityCheck => ({ kind: 'catalog', state: 'not run', summary, findings: [] });
  if (expected === null) return notRun('what is applied is not the beginning of the history');
  const gap = expected.gaps[0];
  if (gap !== undefined)
    return notRun(`the history cannot be followed wholly (${gap.kind}: ${gap.what}), so its schema is not known`);
  const found = await introspect(client);
  const isPlatforms = platformsDifferences(history, found);
  const differences = compareCatalogs(expected, found, COMPARED).filter(
    (difference) => !isPlatforms(difference) && !isBooks(difference.object, history),
  );
  return {
    kind: 'catalog',
    state: differences.length > 0 ? 'failed' : 'passed',
    summary:
      differences.length > 0
        ? `the schema is not the one that the history makes: ${counted(differences.length, 'difference')}`
        : 'the schema is the one that the history makes',
    findings: differences.slice(0, SHOWN).map(finding),
  };
}

function finding({ object, property, before, after }: CatalogDifference): IntegrityFinding {
  const message =
    before === null
      ? 'is in the database, but not in the history'
      : after === null
        ? 'is missing'
        : `${property} should be ${before}, is ${after}`;
  return { severity: 'problem', object, message };
}

/** Those that the stand-in has by itself, without a migration: it is not all that the platform has, and not quite the same. */
function platformsDifferences(
  { history, baseline }: HistoryAnalysis,
  found: Catalog,
): (difference: CatalogDifference) => boolean {
  if (!standsIn(history) || baseline === null) return () => false;
  const key = ({ object, property, before }: CatalogDifference): string => JSON.stringify([object, property, before]);
  const own = new Set(compareCatalogs(baseline.after, found, COMPARED).map(key));
  // CREATE EXTENSION IF NOT EXISTS leaves an extension in the schema where the platform put it.
  const isMoved = ({ object, property }: CatalogDifference): boolean =>
    object.startsWith('extension ') && property === 'schema';
  return (difference) => PLATFORM.test(difference.object) && (own.has(key(difference)) || isMoved(difference));
}

/** The tables that tools keep their books in, and what lies in them, belong to no history. */
const BOOKS =
  /\b(?:_prisma_migrations|schema_migrations|flyway_schema_history|supabase_migrations|lockkeeper)(?:_\w*(?:pkey|pk|key|idx))?\b/;

/** Of Supabase's own schemas the history has a stand-in at most. */
const PLATFORM =
  /\b(?:auth|storage|realtime|extensions|graphql|graphql_public|vault|pgsodium|pgbouncer|supabase_functions)(?:\.|$)|\bsupabase_realtime\b|^extension /;

function isBooks(object: string, { history }: HistoryAnalysis): boolean {
  // A history may make such a table itself: then the replay has it too, and they would have been equal.
  return BOOKS.test(object) && !history.migrations.some(({ text }) => BOOKS.test(text));
}
