import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FixedHistory } from '../core/rules/fixes/applyFixes.ts';
import { applyEdits } from '../core/rules/fixes/applyFixes.ts';
import { prismaFieldEdits } from '../core/tools/prismaSchema.ts';
import { isInside, readTextFile } from './files.ts';
import { prismaSchemaPaths } from './prismaSchemaFiles.ts';

/** Why fixes were not written. */
export class FixesNotWrittenError extends Error {
  readonly reason: 'changed' | 'exists' | 'outside';
  /** Absolute. */
  readonly path: string;

  constructor(path: string, reason: FixesNotWrittenError['reason']) {
    super(`${path}: ${REASONS[reason]}`);
    this.name = 'FixesNotWrittenError';
    this.path = path;
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<FixesNotWrittenError['reason'], string>> = {
  changed: 'the file is not what it was when it was read; nothing was written',
  exists: 'there is such a file already; nothing was written',
  outside: 'lies outside of the workspace; nothing was written',
};

/** What was written. Absolute paths. */
export interface WrittenFixes {
  readonly changed: readonly string[];
  readonly created: readonly string[];
  /** Fields of `schema.prisma` that were to change and were not found. */
  readonly missingFields: readonly string[];
}

/**
 * Writes a history's fixes: all or nothing, as far as one can tell beforehand. New files are made first, so that a failure
 * leaves no migration without its other half.
 *
 * @param root absolute: the history's root
 * @param top absolute: nothing is written outside of it
 * @throws {FixesNotWrittenError}
 */
export function writeFixes(fixed: FixedHistory, { root, top }: { root: string; top: string }): WrittenFixes {
  const changes = fixed.changed.map(({ path, before, after }) => ({ path: join(root, path), before, after }));
  const schema = schemaChanges(fixed, root);
  for (const { path, before } of [...changes, ...schema.changes]) {
    if (!isInside(realpathSync(path), realpathSync(top))) throw new FixesNotWrittenError(path, 'outside');
    if (readTextFile(path).text !== before) throw new FixesNotWrittenError(path, 'changed');
  }
  const made: string[] = [];
  try {
    for (const { path, text } of fixed.created) {
      const absolute = join(root, path);
      mkdirSync(dirname(absolute), { recursive: true });
      if (!isInside(realpathSync(dirname(absolute)), realpathSync(top)))
        throw new FixesNotWrittenError(absolute, 'outside');
      create(absolute, text);
      made.push(absolute);
    }
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    throw error;
  }
  for (const { path, after } of [...changes, ...schema.changes]) writeFileSync(path, after);
  return {
    changed: [...changes, ...schema.changes].map(({ path }) => path),
    created: made,
    missingFields: schema.missing,
  };
}

function create(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new FixesNotWrittenError(path, 'exists');
    throw error;
  }
}

/** Prisma's schema in step with the migrations. */
function schemaChanges({ schemaFields }: FixedHistory, root: string) {
  const paths = schemaFields.length === 0 ? [] : prismaSchemaPaths(root);
  const before = new Map(paths.map((path) => [path, readTextFile(path).text]));
  const after = new Map(before);
  const missing: string[] = [];
  for (const field of schemaFields) {
    let found = false;
    for (const [path, text] of after) {
      const edits = found ? null : prismaFieldEdits(text, field);
      if (!edits) continue;
      found = true;
      after.set(path, applyEdits(text, edits));
    }
    if (!found) missing.push(`${field.table}.${field.column}`);
  }
  const changes = [...after].flatMap(([path, text]) => {
    const old = before.get(path) ?? text;
    return old === text ? [] : [{ path, before: old, after: text }];
  });
  return { changes, missing };
}
