import { relative } from 'node:path';
import { prepareRollback, writeRollback } from '../node/workflow/rollbackFile.ts';
import type { RollbackFile } from '../node/workflow/rollbackFile.ts';
import { EXIT } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { selectMigrations } from './selection.ts';
import { keepRows, writeReverts } from './rollbackForward.ts';
import { openWorkspace } from './workspace.ts';

export const rollback: Command = {
  name: 'rollback',
  summary: 'write the down script of a migration',
  operands: '[MIGRATION…]',
  description: [
    'Written from the schema as it was before the migration, to where the migration tool keeps a rollback, or where it will',
    'not run one by mistake. Without a migration: all new ones. A script that a person wrote is not overwritten without --replace.',
    'What cannot be undone is marked with the reason, and the script then raises an exception before it does anything.',
  ].join('\n'),
  options: [
    { name: 'print', description: 'print the script, write nothing' },
    {
      name: 'revert',
      description: 'write it as a new forward migration of the tool instead (Prisma: with the change of schema.prisma)',
    },
    {
      name: 'archive',
      description:
        'change the up script instead: keep the rows that it would destroy in the schema lockkeeper_archive first',
    },
    {
      name: 'rebuild-enums',
      description: 'take away added enum values too, which rewrites the tables that use the type',
    },
    { name: 'replace', description: 'overwrite a script that a person wrote' },
  ],
  examples: [
    'lockkeeper rollback 20260301100000_orders',
    'lockkeeper rollback --print migrations/0042_orders.sql',
    'lockkeeper rollback --revert 20260301100000_orders',
  ],
  run: runRollback,
};

async function runRollback(call: Invocation): Promise<ExitCode> {
  const workspace = await openWorkspace(call);
  if (call.flag('revert')) return writeReverts(call, workspace);
  if (call.flag('archive')) return keepRows(call, workspace);
  const results: (RollbackFile & { readonly migration: string; readonly written: boolean })[] = [];
  for (const { history, overview } of selectMigrations(workspace, call.operands)) {
    const file = await prepareRollback(overview.analysis, history.history, history.folder, {
      rebuildEnums: call.flag('rebuild-enums'),
    });
    const mayWrite =
      file.state === 'new' || file.state === 'ours' || (file.state === 'written' && call.flag('replace'));
    const written = mayWrite && !call.flag('print');
    if (written) await writeRollback(file);
    results.push({ ...file, migration: overview.migration.id, written });
  }
  if (call.json) {
    call.terminal.out(
      `${JSON.stringify(
        results.map(({ migration, path, state, written, rollback: { text, grade, declined } }) => ({
          migration,
          path: relative(workspace.project.root, path),
          state,
          written,
          grade,
          declined,
          text,
        })),
      )}\n`,
    );
  } else {
    const { out, verbatim } = call.terminal;
    for (const result of results) {
      (call.flag('print') ? verbatim : out)(resultText(result, call, workspace.project.root));
    }
  }
  const refused = results.some(
    ({ state, written, rollback: { declined } }) => declined !== null || (state === 'written' && !written),
  );
  return refused && !call.flag('print') ? EXIT.against : EXIT.ok;
}

function resultText(
  result: RollbackFile & { readonly migration: string; readonly written: boolean },
  call: Invocation,
  root: string,
): string {
  if (call.flag('print')) return result.rollback.text;
  const path = relative(root, result.path);
  const head = {
    new: `${result.migration}: rollback written to ${path}`,
    ours: `${result.migration}: rollback written anew to ${path}`,
    same: `${result.migration}: the rollback in ${path} is as it would be written now`,
    written: result.written
      ? `${result.migration}: the script in ${path} was replaced`
      : `${result.migration}: ${path} holds a script that a person wrote; it was left alone (--replace overwrites it, --print shows Lockkeeper's)`,
  }[result.state];
  return `${head}\n${gradeText(result)}`;
}

function gradeText({ rollback: { grade, declined }, place }: RollbackFile): string {
  const { schema, data } = grade;
  const schemaWords = {
    restored: 'restored',
    columnOrder: 'restored, but for the order of columns',
    different: 'NOT restored',
  };
  const lines = [`schema: ${schemaWords[schema.state]}`, ...schema.reasons.map((reason) => `  - ${reason}`)];
  lines.push(`rows from before: ${data.before.state}`, ...data.before.lost.map((lost) => `  - ${lost}`));
  lines.push(`rows and values written since: ${data.since.state}`);
  lines.push(...[...data.since.lost, ...data.since.fails].map((note) => `  - ${note}`));
  if (declined !== null) lines.push(`cannot be undone: ${declined}`);
  lines.push(
    place.runBy === null ? 'run by: a person, with psql (the tool has no way back)' : `run by: ${place.runBy}`,
  );
  return lines.map((line) => `  ${line}\n`).join('');
}
