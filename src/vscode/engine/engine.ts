import path from 'node:path';
import type { MigrationOverview } from '../../core/overview.ts';
import { scanReport } from '../../core/report/scanReport.ts';
import type { ScanReport } from '../../core/report/scanReport.ts';
import { prismaSchemaPaths } from '../../node/prismaSchemaFiles.ts';
import type { RequestContext } from './channel.ts';
import { RequestError } from './failure.ts';
import { FolderState, statusLines } from './folderState.ts';
import type { HistoryState } from './historyState.ts';
import type {
  EngineEvents,
  FileFindings,
  FileImpact,
  FixableFinding,
  MigrationKey,
  Parameters,
  StatementHover,
  StatusLine,
} from './protocol.ts';

/** A migration with all that stands around it. */
export interface Located {
  readonly folder: FolderState;
  readonly history: HistoryState;
  readonly overview: MigrationOverview;
}

export type Send = <E extends keyof EngineEvents>(name: E, value: EngineEvents[E]) => void;

/** So many milliseconds after the last keystroke follows what costs more than a keystroke may. */
const CALM_AFTER = 250;

/** The open folders and texts, and what is known of them. Single-threaded: a request that reads the disk sees the newest texts when it is done. */
export class Engine {
  readonly #send: Send;
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>();
  #wanted: Parameters<'open'>['folders'] = [];
  #folders: readonly FolderState[] = [];
  #failures: EngineEvents['workspace'] = [];
  #opening: Promise<void> | null = null;
  #again = false;
  #calmTimer: NodeJS.Timeout | null = null;
  readonly #unsettled = new Set<HistoryState>();
  #lastSummary = '';

  constructor(send: Send) {
    this.#send = send;
  }

  /** Reads these folders and no others from now on. */
  async open({ folders }: Parameters<'open'>): Promise<void> {
    this.#wanted = folders;
    this.#lastSummary = '';
    await this.reread();
  }

  /** Reads the disk anew; once more if asked again meanwhile. */
  async reread(): Promise<void> {
    this.#again = true;
    this.#opening ??= this.#rereadWhileAsked().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  async filesChanged({ paths }: Parameters<'filesChanged'>): Promise<void> {
    const records = `${path.sep}.lockkeeper${path.sep}records${path.sep}`;
    if (paths.every((file) => file.includes(records))) await this.learn();
    else await this.reread();
  }

  /** Records or evidence changed. */
  async learn(): Promise<void> {
    for (const folder of this.#folders) {
      await folder.learn();
      this.#sendFindings(folder.changedFindings(this.#texts));
    }
    this.#tell();
  }

  setText({ path: file, text, version }: Parameters<'setText'>): void {
    this.#texts.set(file, { text, version });
    this.#readAgain(file);
  }

  closeText({ path: file }: Parameters<'closeText'>): void {
    if (this.#texts.delete(file)) this.#readAgain(file);
  }

  hover({ path: file, line, column }: Parameters<'hover'>): StatementHover | null {
    return this.#historyOf(file)?.history.hover(file, line, column) ?? null;
  }

  async fixes(
    { path: file, version, place }: Parameters<'fixes'>,
    { signal }: Pick<RequestContext, 'signal'>,
  ): Promise<readonly FixableFinding[]> {
    const isCurrent = (): boolean => this.#texts.get(file)?.version === version;
    const found: FixableFinding[] = [];
    if (!isCurrent()) return found;
    for (const each of this.#historyOf(file)?.history.fixes(file, place) ?? []) {
      found.push(each);
      // Newer texts and a cancel are heard meanwhile: a selection of the whole file may hold hundreds.
      await nextTurn();
      if (signal.aborted || !isCurrent()) return [];
    }
    return found;
  }

  impact({ path: file, hints }: Parameters<'impact'>): FileImpact | null {
    return this.#historyOf(file)?.history.impact(file, hints) ?? null;
  }

  /** The old migrations of all folders, ranked. */
  scan(): ScanReport {
    const histories = this.#folders.flatMap((folder) => folder.histories);
    const sizes = histories.map((history) => history.sizes()).find((lookup) => lookup !== null) ?? null;
    return scanReport(
      histories.map((history) => history.scan()),
      sizes,
    );
  }

  schemaFiles({ path: file }: Parameters<'schemaFiles'>): readonly string[] {
    const history = this.#historyOf(file)?.history;
    return history?.input.history.tool === 'prisma' ? prismaSchemaPaths(history.root) : [];
  }

  status({ key }: Parameters<'status'>): readonly StatusLine[] {
    return statusLines(this.locate(key).overview);
  }

  /** @throws RequestError, where the migration is gone */
  locate(key: MigrationKey): Located {
    const { folder, history } = this.locateHistory(key);
    const overview = history.overview(key.migration);
    if (overview === undefined) throw gone(key.migration);
    return { folder, history, overview };
  }

  /** @throws RequestError, where the history is gone */
  locateHistory(key: { readonly folder: string; readonly history: string }): Omit<Located, 'overview'> {
    const folder = this.#folders.find((one) => one.folder === key.folder);
    const history = folder?.history(key.history);
    if (folder === undefined || history === undefined) throw gone(key.history);
    return { folder, history };
  }

  /** @throws RequestError, where the folder is no longer open */
  locateFolder(path: string): FolderState {
    const folder = this.#folders.find((one) => one.folder === path);
    if (folder === undefined) throw gone(path);
    return folder;
  }

  #historyOf(file: string): { readonly folder: FolderState; readonly history: HistoryState } | undefined {
    for (const folder of this.#folders) {
      const history = folder.historyOf(file);
      if (history !== undefined) return { folder, history };
    }
    return undefined;
  }

  #readAgain(file: string): void {
    const found = this.#historyOf(file);
    if (found === undefined) return;
    // At once what the edit itself says; what it means for the rest as soon as typing pauses.
    found.history.read(this.#texts, { provisional: true });
    // Exactly, and with what has to be asked of git, once typing pauses.
    this.#unsettled.add(found.history);
    this.#sendFindings(found.history.changedFindings(this.#texts));
    if (this.#calmTimer !== null) clearTimeout(this.#calmTimer);
    this.#calmTimer = setTimeout(() => {
      this.#calmTimer = null;
      this.#settle();
    }, CALM_AFTER);
  }

  async #rereadWhileAsked(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const opened: FolderState[] = [];
      const failures: EngineEvents['workspace'][number][] = [];
      for (const wanted of this.#wanted) {
        const folder = { folder: wanted.path, name: wanted.name };
        const earlier = this.#folders.find((one) => one.folder === wanted.path);
        try {
          opened.push(await FolderState.open(folder, this.#texts, earlier));
        } catch (error) {
          const message = `${wanted.name} could not be read: ${error instanceof Error ? error.message : String(error)}`;
          failures.push({ ...folder, histories: [], problems: [{ message, path: null }], environments: [] });
        }
      }
      const before = this.#folders;
      this.#folders = opened;
      this.#unsettled.clear();
      this.#failures = failures;
      // A text may have come while the disk was read.
      for (const folder of opened) for (const history of folder.histories) history.read(this.#texts);
      this.#sendFindings([
        ...withdrawn(before, opened),
        ...opened.flatMap((folder) => folder.changedFindings(this.#texts)),
      ]);
      this.#tell();
    }
  }

  /** What has waited for a pause: exact findings, and the summary. */
  #settle(): void {
    for (const history of this.#unsettled) history.read(this.#texts);
    this.#unsettled.clear();
    for (const folder of this.#folders) {
      folder.listen();
      this.#sendFindings(folder.changedFindings(this.#texts));
    }
    this.#tell();
  }

  #sendFindings(files: readonly FileFindings[]): void {
    if (files.length > 0) this.#send('findings', files);
  }

  #tell(): void {
    const summary = [...this.#folders.map((folder) => folder.summary()), ...this.#failures];
    const text = JSON.stringify(summary);
    if (text === this.#lastSummary) return;
    this.#lastSummary = text;
    this.#send('workspace', summary);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Files that had findings and belong to no history any more. */
function withdrawn(before: readonly FolderState[], now: readonly FolderState[]): readonly FileFindings[] {
  return before
    .flatMap(({ histories }) => histories)
    .flatMap((history) => history.told())
    .filter((file) => !now.some((folder) => folder.historyOf(file) !== undefined))
    .map((file) => ({ path: file, version: null, findings: [] }));
}

function gone(name: string): RequestError {
  return new RequestError('gone', `${name} is no longer there. Refresh the Lockkeeper view.`);
}
