import { commands, EventEmitter, RelativePattern, workspace } from 'vscode';
import type { Uri, WorkspaceFolder } from 'vscode';
import type { EngineClient } from './engine/client.ts';
import type { FolderSummary, HistorySummary, MigrationKey, MigrationSummary } from './engine/protocol.ts';
import { describeError } from './errors.ts';
import { Owner } from './lifecycle.ts';

/** What on disk changes what the engine has read. Branches move with HEAD and refs. */
const WATCHED = [
  '**/*.{sql,pgsql,psql,toml,jsonc}',
  '**/package{,-lock}.json',
  '.lockkeeper/**',
  '.git/{HEAD,packed-refs}',
  '.git/refs/**',
];

/** The histories of the open folders, as the engine last told them. */
export class WorkspaceModel extends Owner {
  readonly #engine: EngineClient;
  readonly #changed = this._register(new EventEmitter<undefined>());
  readonly #first: Promise<void>;
  #settleFirst: () => void = () => undefined;
  #folders: readonly FolderSummary[] = [];
  #stopped: string | null = null;

  readonly onDidChange = this.#changed.event;

  constructor(engine: EngineClient) {
    super();
    this.#engine = engine;
    this.#first = new Promise((resolve) => {
      this.#settleFirst = resolve;
    });
    this._register(
      engine.onWorkspace((folders) => {
        this.#folders = folders;
        this.#stopped = null;
        void commands.executeCommand('setContext', 'lockkeeper.hasMigrations', this.histories.length > 0);
        this.#settleFirst();
        this.#changed.fire(undefined);
      }),
    );
    this._register(
      engine.onGaveUp((cause) => {
        this.#stop(cause);
      }),
    );
    this._register(workspace.onDidChangeWorkspaceFolders(() => void this.refresh()));
    this._register(engine.onRestarted(() => void this.refresh()));
    for (const folder of localFolders()) this.#watch(folder);
  }

  get folders(): readonly FolderSummary[] {
    return this.#folders;
  }

  get histories(): readonly HistorySummary[] {
    return this.#folders.flatMap((folder) => folder.histories);
  }

  /** Why the engine does not run any more; null: it runs. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /** Settles when the engine has told the histories for the first time. */
  get ready(): Promise<void> {
    return this.#first;
  }

  history(key: MigrationKey): HistorySummary | undefined {
    return this.histories.find(({ folder, id }) => folder === key.folder && id === key.history);
  }

  migration(key: MigrationKey): MigrationSummary | undefined {
    return this.history(key)?.migrations.find((migration) => migration.key.migration === key.migration);
  }

  folder(path: string): FolderSummary | undefined {
    return this.#folders.find(({ folder }) => folder === path);
  }

  /** The migration that a file is the up script of. */
  migrationOf(path: string): MigrationSummary | undefined {
    return this.histories.flatMap(({ migrations }) => migrations).find((migration) => migration.path === path);
  }

  /** Has the folders read anew. What stands against it is shown in the tree. */
  async refresh(): Promise<void> {
    const folders = localFolders().map((folder) => ({ path: folder.uri.fsPath, name: folder.name }));
    try {
      await this.#engine.call('open', { folders });
    } catch (error) {
      this.#stop(describeError(error));
    }
  }

  #stop(cause: string): void {
    this.#stopped = cause;
    this.#settleFirst();
    this.#changed.fire(undefined);
  }

  #watch(folder: WorkspaceFolder): void {
    for (const pattern of WATCHED) {
      const watcher = this._register(workspace.createFileSystemWatcher(new RelativePattern(folder, pattern)));
      const changed = (uri: Uri) =>
        void this.#engine.call('filesChanged', { paths: [uri.fsPath] }).catch(() => undefined);
      this._register(watcher.onDidCreate(changed));
      this._register(watcher.onDidChange(changed));
      this._register(watcher.onDidDelete(changed));
    }
  }
}

function localFolders(): readonly WorkspaceFolder[] {
  return (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}
