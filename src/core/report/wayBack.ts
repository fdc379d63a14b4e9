import { isGenerated } from '../rollback/script.ts';
import { synthesizeRollback } from '../rollback/rollback.ts';
import type { RollbackGrade } from '../rollback/rollback.ts';
import { listed } from '../rules/wording.ts';
import type { MigrationAnalysis } from '../analyze.ts';
import type { History } from '../tools/tool.ts';

/** Can the migration be undone, in a word and in a sentence. */
export interface WayBack {
  /** `whole`: the schema, and the rows from before; `schema`: rows or values from before are lost; `none`: not even the schema. */
  readonly reach: 'whole' | 'schema' | 'none';
  readonly words: string;
  /** A script that a person wrote lies beside the migration; its text is not judged here. */
  readonly written: boolean;
}

/** Reads the way back off the rollback that Lockkeeper would write. */
export function wayBack(analysis: MigrationAnalysis, history: History): WayBack {
  const { grade, declined } = synthesizeRollback(analysis, history);
  const { rollback } = analysis.migration;
  const down = rollback === null ? null : rollback.text.slice(rollback.range.start, rollback.range.end);
  const written = down !== null && down.trim() !== '' && !isGenerated(down);
  return { ...judge(grade, declined), written };
}

function judge({ schema, data }: RollbackGrade, declined: string | null): Omit<WayBack, 'written'> {
  if (declined !== null) return { reach: 'none', words: `none: ${declined}` };
  if (schema.state === 'different') return { reach: 'none', words: `not the whole schema: ${listed(schema.reasons)}` };
  const columns = schema.state === 'columnOrder' ? ' (columns in another order)' : '';
  if (data.before.state === 'lost')
    return { reach: 'schema', words: `schema${columns}; lost: ${listed(data.before.lost)}` };
  const notes = [...data.since.lost, ...data.since.fails];
  if (notes.length === 0) return { reach: 'whole', words: `whole${columns}` };
  return { reach: 'whole', words: `whole${columns}, but for what is written since: ${listed(notes)}` };
}
