import { standsIn } from '../../core/tools/supabaseSchema.ts';
import type { History, Migration } from '../../core/tools/tool.ts';

const NAMES =
  /\b(?:auth|storage|realtime|extensions|graphql_public)"?\s*\.|\b(?:anon|authenticated|service_role|supabase_realtime)\b/i;

/** What a migration's test rests on that is not the real thing, each in words; empty: nothing. */
export function standInsOf(history: Pick<History, 'baseline'>, { text }: Pick<Migration, 'text'>): readonly string[] {
  if (!standsIn(history) || !NAMES.test(text)) return [];
  return ["Supabase's schemas, tables, functions and roles (a stand-in made by Lockkeeper)"];
}
