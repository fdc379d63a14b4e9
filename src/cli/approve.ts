import { recordApproval } from '../node/workflow/approving.ts';
import { gitPerson } from '../node/git.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace } from './workspace.ts';

export const approve: Command = {
  name: 'approve',
  summary: 'record an approval for the exact bytes of a migration',
  operands: 'MIGRATION… --role ROLE',
  description: [
    'Writes a record below .lockkeeper/records, to be committed with the migration. It holds for these bytes only: one',
    'changed byte makes it stale. Who approves is read from git (user.name, user.email); records are not signed yet, so a',
    'record says who claims to approve, and the review of the commit says who did.',
  ].join('\n'),
  options: [
    { name: 'role', value: 'ROLE', description: 'in which role: reviewer, dba, or one that the policy names' },
    { name: 'comment', value: 'TEXT', description: 'kept with the approval' },
    { name: 'name', value: 'NAME', description: 'who approves (default: git config user.name)' },
    { name: 'email', value: 'EMAIL', description: 'their address (default: git config user.email)' },
  ],
  examples: ['lockkeeper approve 20260301100000_orders --role dba'],
  run: runApprove,
};

async function runApprove(call: Invocation): Promise<ExitCode> {
  const role = call.value('role');
  if (role === undefined) throw new UsageError('approve needs --role: reviewer, dba, or one that the policy names.');
  if (call.operands.length === 0)
    throw new UsageError('approve needs the migrations by name: nobody approves what they did not name.');
  const workspace = await openWorkspace(call);
  const git = await gitPerson(workspace.project.root);
  const name = call.value('name') ?? git?.name;
  const email = call.value('email') ?? git?.email;
  if (!name || !email)
    throw new UsageError('who approves? Set user.name and user.email in git, or give --name and --email.');
  const written: { readonly migration: string; readonly digest: string; readonly path: string }[] = [];
  for (const { overview } of selectMigrations(workspace, call.operands)) {
    const { path } = await recordApproval({
      root: workspace.project.root,
      migration: overview,
      policy: workspace.policy,
      knowledge: workspace.knowledge,
      role,
      person: { name, email },
      comment: call.value('comment') ?? null,
      at: new Date().toISOString(),
    });
    written.push({ migration: overview.migration.id, digest: overview.digest, path });
  }
  if (call.json) call.terminal.out(`${JSON.stringify(written)}\n`);
  else {
    for (const { migration, digest } of written) {
      call.terminal.out(`${migration}: approved as ${role} by ${name} <${email}> (digest ${digest.slice(0, 12)})\n`);
    }
    call.terminal.out('Commit .lockkeeper/records with the migration.\n');
  }
  return EXIT.ok;
}
