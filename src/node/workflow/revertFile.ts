import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MigrationAnalysis } from '../../core/analyze.ts';
import { prismaRevert } from '../../core/rollback/prismaRevert.ts';
import { revertMigration } from '../../core/rollback/revertMigration.ts';
import type { RevertMigration } from '../../core/rollback/revertMigration.ts';
import type { History } from '../../core/tools/tool.ts';
import { readIfThere } from '../historyFiles.ts';
import { prismaSchemaPaths } from '../prismaSchemaFiles.ts';
import { RunError } from '../runError.ts';

/** A revert migration with the files that it would be written to, absolute. */
export interface RevertFiles {
  readonly revert: RevertMigration;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Prisma's schema as it would be; only files that change. */
  readonly schema: readonly { readonly path: string; readonly before: string; readonly text: string }[];
  /** What of the schema takes a person. */
  readonly byHand: readonly string[];
}

/**
 * Works out *Create Revert Migration*. Writes nothing.
 *
 * @param historyRoot the history's folder, absolute
 * @throws RunError 'tool' where there is none, with the reason
 */
export function prepareRevert(analysis: MigrationAnalysis, history: History, historyRoot: string): RevertFiles {
  if (history.dialect === 'mysql')
    throw new RunError('tool', `${history.id} is a MySQL history: Lockkeeper writes no rollback for it.`);
  const revert = revertMigration(analysis, history);
  if ('reason' in revert) throw new RunError('tool', revert.reason);
  const files = revert.files.map(({ path, text }) => ({ path: join(historyRoot, path), text }));
  if (history.tool !== 'prisma') return { revert, files, schema: [], byHand: [] };
  const paths = prismaSchemaPaths(historyRoot);
  const parts = paths.flatMap((path) => {
    const before = readIfThere(path);
    if (before === null) return [];
    const { edits, byHand } = prismaRevert(before, analysis.before, analysis.after);
    const text = [...edits]
      .sort((a, b) => b.start - a.start)
      .reduce((done, { start, end, newText }) => done.slice(0, start) + newText + done.slice(end), before);
    return [{ path, before, text, byHand }];
  });
  // In a schema of several files, what one file does not hold another may.
  const byHand = (parts[0]?.byHand ?? []).filter((line) => parts.every((part) => part.byHand.includes(line)));
  return { revert, files, schema: parts.filter(({ before, text }) => before !== text), byHand };
}

/** Writes new files, never over one that is there. @throws RunError 'changed' */
export async function writeRevert({ files, schema }: RevertFiles): Promise<void> {
  for (const { path } of files) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) throw new RunError('changed', `${path} is there already; nothing was written.`);
  }
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }
  for (const { path, before, text } of schema) {
    if (readIfThere(path) !== before)
      throw new RunError('changed', `${path} was changed meanwhile; it was left as it is.`);
    await writeFile(path, text);
  }
}
