import type { Client } from 'pg';
import type { Parser } from '../../core/sql/parser.ts';
import { parseScript } from '../../core/sql/script.ts';
import { mayLack } from '../../core/tools/supabaseSchema.ts';
import type { History } from '../../core/tools/tool.ts';
import { RunError } from '../runError.ts';
import { isRefused, replayError } from './replayError.ts';
import type { ReplayPurpose } from './replayError.ts';

export interface BaselineRequest {
  readonly history: Pick<History, 'baseline'>;
  readonly parser: Parser;
  readonly purpose: ReplayPurpose;
  readonly phase: string;
  /** What the server refuses is left out. Without it, only what a stand-in may lack. */
  readonly tolerant: boolean;
}

/**
 * Runs the schema dump that a history starts on; its rows (COPY) and psql's own commands are left out. The session is
 * left as the dump leaves it: reset it.
 *
 * @returns what else was left out, in words
 * @throws RunError 'replay failed', 'script'
 */
export async function applyBaseline(client: Client, request: BaselineRequest): Promise<string[]> {
  const { baseline } = request.history;
  if (baseline === null) return [];
  const script = parseScript(baseline.text, { parser: request.parser, dialect: 'postgresql' });
  const lacking = new Set<string>();
  for (const { kind, text, error: broken } of script.statements) {
    if (kind === 'COPY') continue;
    if (broken !== null && !request.tolerant)
      throw new RunError('script', `${baseline.path}: ${broken.message}.`, { phase: request.phase });
    try {
      await client.query(text);
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (!request.tolerant && !mayLack(request.history, kind)) throw replayError(baseline.path, error, request);
      lacking.add(error.message);
    }
  }
  const copies = script.other.filter((part) => part.kind === 'copy data').length;
  const notes = copies > 0 ? [`The rows of ${copies} tables in ${baseline.path} were left out.`] : [];
  if (lacking.size > 0)
    notes.push(`Left out of ${baseline.path}, since the server refuses it: ${[...lacking].join('; ')}.`);
  return notes;
}
