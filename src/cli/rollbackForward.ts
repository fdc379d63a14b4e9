import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { archiveOffers } from '../core/rollback/archive.ts';
import { prepareRevert, writeRevert } from '../node/workflow/revertFile.ts';
import { EXIT, UsageError } from './command.ts';
import type { ExitCode, Invocation } from './command.ts';
import { selectMigrations } from './selection.ts';
import type { OpenWorkspace } from './workspace.ts';

/** `rollback --revert`: the way back as a new forward migration. */
export async function writeReverts(call: Invocation, workspace: OpenWorkspace): Promise<ExitCode> {
  const selected = selectMigrations(workspace, call.operands);
  const [one, ...more] = selected;
  // Each revert is made for the schema right after its migration, so only one at a time can stand at the history's end.
  if (one === undefined || more.length > 0) throw new UsageError('--revert takes one migration; name it.');
  const { history, overview } = one;
  const prepared = prepareRevert(overview.analysis, history.history, history.folder);
  const { revert, files, schema, byHand } = prepared;
  const name = (path: string): string => relative(workspace.project.root, path);
  if (call.flag('print')) {
    for (const { path, text } of files) call.terminal.verbatim(`-- ${name(path)}\n${text}`);
  } else await writeRevert(prepared);
  const lines = [
    ...files.map(({ path }) => `${call.flag('print') ? 'would be' : 'written to'} ${name(path)}`),
    ...schema.map(({ path }) => `${call.flag('print') ? 'would change' : 'changed'} ${name(path)}`),
    ...byHand.map((what) => `by hand in schema.prisma: ${what}`),
    ...revert.order,
    ...(revert.later.length > 0
      ? [
          `made for the schema right after ${overview.migration.id}; later ones are not looked at: ${revert.later.join(', ')}`,
        ]
      : []),
  ];
  if (call.json)
    call.terminal.out(
      `${JSON.stringify({
        migration: overview.migration.id,
        files: files.map(({ path, text }) => ({ path: name(path), text })),
        schema: schema.map(({ path, text }) => ({ path: name(path), text })),
        byHand,
        order: revert.order,
        later: revert.later,
        grade: revert.rollback.grade,
      })}\n`,
    );
  else if (!call.flag('print'))
    call.terminal.out(`${overview.migration.id}: revert migration\n${lines.map((line) => `  ${line}\n`).join('')}`);
  return EXIT.ok;
}

/** Days until what was kept may be dropped. */
const KEPT_DAYS = 90;

/** `rollback --archive`: destructive up steps of new migrations first keep their rows. */
export function keepRows(call: Invocation, workspace: OpenWorkspace): ExitCode {
  const dropAfter = new Date(Date.now() + KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
  for (const { history, overview } of selectMigrations(workspace, call.operands)) {
    const { migration, analysis, isNew } = overview;
    const offers = archiveOffers(analysis, { dropAfter });
    if (offers.length === 0) {
      call.terminal.out(`${migration.id}: nothing to keep\n`);
      continue;
    }
    if (!isNew)
      throw new UsageError(`${migration.id} is not new on this branch: a migration that others have is not changed.`);
    const path = join(history.folder, migration.path);
    const text = readFileSync(path, 'utf8');
    if (text !== migration.text) throw new UsageError(`${path} was changed meanwhile.`);
    const kept = [...offers]
      .sort((a, b) => b.offset - a.offset)
      .reduce((done, { offset, insert }) => done.slice(0, offset) + insert + done.slice(offset), text);
    if (call.flag('print')) call.terminal.verbatim(kept);
    else {
      writeFileSync(path, kept);
      call.terminal.out(`${migration.id}: ${offers.map(({ title }) => title).join('; ')}\n`);
    }
  }
  return EXIT.ok;
}
