import { resolve } from 'node:path';
import type { MigrationOverview } from '../core/overview.ts';
import { UsageError } from './command.ts';
import type { OpenHistory, OpenWorkspace } from './workspace.ts';

export interface SelectedMigration {
  readonly history: OpenHistory;
  readonly overview: MigrationOverview;
}

/**
 * The migrations that the user names: by id, by a part of the id that only one has, or by path. Without a name: all new ones.
 *
 * @throws UsageError where nothing or more than one fits
 */
export function selectMigrations(workspace: OpenWorkspace, words: readonly string[]): readonly SelectedMigration[] {
  const all = workspace.histories.flatMap((history) => history.migrations.map((overview) => ({ history, overview })));
  if (words.length === 0) {
    const fresh = all.filter(({ overview }) => overview.isNew);
    if (fresh.length > 0) return fresh;
    throw new UsageError(
      all.length === 0
        ? `no migrations were found in ${workspace.project.root}. "histories" in lockkeeper.jsonc names a folder that is not recognised.`
        : 'there is no new migration on this branch. Name one to work on an older one.',
    );
  }
  const chosen = words.map((word) => one(all, word, workspace));
  return all.filter((each) => chosen.includes(each));
}

function one(all: readonly SelectedMigration[], word: string, workspace: OpenWorkspace): SelectedMigration {
  const path = resolve(workspace.cwd, word);
  const exact = all.filter(
    ({ history, overview }) =>
      overview.migration.id === word ||
      resolve(history.folder, overview.migration.path) === path ||
      resolve(history.folder, overview.migration.path, '..') === path,
  );
  const [found, ...more] =
    exact.length > 0 ? exact : all.filter(({ overview }) => overview.migration.id.includes(word));
  if (found === undefined) throw new UsageError(`no migration is called "${word}". "lockkeeper status" lists them.`);
  if (more.length > 0) {
    const names = [found, ...more].slice(0, 5).map(({ overview }) => overview.migration.id);
    throw new UsageError(
      `"${word}" fits ${more.length + 1} migrations: ${names.join(', ')}${more.length > 4 ? ' …' : ''}. Name one of them.`,
    );
  }
  return found;
}
