import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MigrationAnalysis } from '../../core/analyze.ts';
import { synthesizeRollback } from '../../core/rollback/rollback.ts';
import type { Rollback, RollbackOptions } from '../../core/rollback/rollback.ts';
import { isGenerated } from '../../core/rollback/script.ts';
import { rollbackPlace } from '../../core/tools/history.ts';
import type { History } from '../../core/tools/tool.ts';
import { RunError } from '../runError.ts';
import type { RollbackPlace } from '../../core/tools/toolDefinition.ts';

/** A synthesized rollback together with the file that it would be, or is, written to. */
export interface RollbackFile {
  readonly rollback: Rollback;
  readonly place: RollbackPlace;
  /** Absolute. */
  readonly path: string;
  /** The file's text as it would be; of the whole file where the rollback is a section of the up script's. */
  readonly text: string;
  /** What stands there now; null: nothing. */
  readonly present: string | null;
  /** `new`: nothing is there. `same`: just this. `ours`: an older one by Lockkeeper. `written`: a person's, never overwritten without their consent. */
  readonly state: 'new' | 'same' | 'ours' | 'written';
}

/**
 * Works out a migration's rollback and where it may lie so that its tool does not run it by mistake. Writes nothing.
 *
 * @param historyRoot the history's folder, absolute
 * @throws RunError 'tool' for a MySQL history
 */
export async function prepareRollback(
  analysis: MigrationAnalysis,
  history: History,
  historyRoot: string,
  options: RollbackOptions = {},
): Promise<RollbackFile> {
  const { migration } = analysis;
  if (history.dialect === 'mysql') {
    throw new RunError(
      'tool',
      `${history.id} is a MySQL history: Lockkeeper checks its text, and writes no rollback for it.`,
    );
  }
  const rollback = synthesizeRollback(analysis, history, options);
  const place = rollbackPlace(history, migration);
  const path = join(historyRoot, place.path);
  const file = await textOf(path);
  if (place.section === null) {
    const state = stateOf(file, rollback.text);
    return { rollback, place, path, text: rollback.text, present: file, state };
  }
  const { start, end, before } = place.section;
  const whole = file ?? migration.text;
  const present = whole.slice(start, end).replace(before.trim(), '').trim();
  const text = `${whole.slice(0, start)}${before}${rollback.text}${whole.slice(end)}`;
  return {
    rollback,
    place,
    path,
    text,
    present: whole,
    state: stateOf(present === '' ? null : present, rollback.text),
  };
}

/** Writes a prepared rollback. The caller has asked the person where `state` is `written`. */
export async function writeRollback(file: RollbackFile): Promise<void> {
  await mkdir(dirname(file.path), { recursive: true });
  await writeFile(file.path, file.text);
}

function stateOf(present: string | null, text: string): RollbackFile['state'] {
  if (present === null || present.trim() === '') return 'new';
  if (present.trim() === text.trim()) return 'same';
  return isGenerated(present) ? 'ours' : 'written';
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
