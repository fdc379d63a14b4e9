import { CancellationError, window } from 'vscode';
import type { Services } from '../services.ts';
import { pick, pickMigration, saveFirst } from './pick.ts';

/** Records that the person, in a role, accepts exactly the migration's present text. */
export async function approve(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  await saveFirst([migration]);
  const { key } = migration;
  const offer = await services.engine.call('approvalOffer', { key });
  const { role } = await pick(
    offer.choices,
    (choice) => ({ label: choice.role, description: choice.note }),
    `Approve ${key.migration} as ${offer.person.name} <${offer.person.email}> in which role?`,
    { evenIfOne: true },
  );
  const comment = await window.showInputBox({
    title: `Approve ${key.migration} as ${role}`,
    prompt: `Accepts digest ${offer.digest.slice(0, 12)}. Any later change of the migration makes this approval stale.`,
    placeHolder: 'Comment (optional)',
    ignoreFocusOut: true,
  });
  if (comment === undefined) throw new CancellationError();
  const path = await services.engine.call('approve', {
    key,
    role,
    comment: comment === '' ? null : comment,
    digest: offer.digest,
  });
  void window.showInformationMessage(`${key.migration} approved as ${role}: ${path}. Commit this file.`);
}
