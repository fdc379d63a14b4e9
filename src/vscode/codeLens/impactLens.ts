import { CodeLens, EventEmitter, Range, workspace } from 'vscode';
import type { CancellationToken, CodeLensProvider, Command, TextDocument } from 'vscode';
import { concernsUs } from '../documentSync.ts';
import type { DocumentSync } from '../documentSync.ts';
import type { EngineClient } from '../engine/client.ts';
import type { FileImpact, Place } from '../engine/protocol.ts';
import { Owner } from '../lifecycle.ts';
import { onDidChangeSurface, surfaceIsOn } from '../settings.ts';
import type { WorkspaceModel } from '../workspaceModel.ts';

/** One line at the top of a new migration: its worst lock, how much of it was analysed, and what can be done with it. */
export class ImpactLens extends Owner implements CodeLensProvider {
  readonly #engine: EngineClient;
  readonly #documents: DocumentSync;
  readonly #changed = this._register(new EventEmitter<void>());

  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(engine: EngineClient, documents: DocumentSync, model: WorkspaceModel) {
    super();
    this.#engine = engine;
    this.#documents = documents;
    const changed = () => {
      this.#changed.fire();
    };
    this._register(documents.onDidPublish(changed));
    this._register(model.onDidChange(changed));
    this._register(onDidChangeSurface(changed));
    this._register(workspace.onDidGrantWorkspaceTrust(changed));
  }

  async provideCodeLenses(document: TextDocument, token: CancellationToken): Promise<CodeLens[]> {
    if (!surfaceIsOn('codeLens', document.uri) || !concernsUs(document)) return [];
    await this.#documents.settled(document);
    const impact = await this.#engine.call('impact', { path: document.uri.fsPath, hints: false }, { token });
    if (impact === null || !impact.isNew) return [];
    const top = new Range(0, 0, 0, 0);
    return commandsOf(impact).map((command) => new CodeLens(top, command));
  }
}

function commandsOf(impact: FileImpact): readonly Command[] {
  const show = ({ startLine }: Place): Pick<Command, 'command' | 'arguments'> => ({
    command: 'lockkeeper.openMigration',
    arguments: [{ target: impact.key, line: startLine + 1 }],
  });
  const { worst, notAnalysed, statements, analysed } = impact;
  const target = { target: impact.key };
  const count = `${String(analysed)} of ${String(statements)} statement${statements === 1 ? '' : 's'} analysed`;
  const facts: readonly Command[] = [
    worst === null
      ? { title: '$(pass)\u00a0Locks nothing that existed before', command: '' }
      : {
          // A no-break space: the editor drops a plain one behind an icon.
          title: `${worst.isGrave ? '$(warning)' : '$(lock)'}\u00a0${worst.text}`,
          tooltip: `The worst lock of this migration: ${worst.detail}. Click to go to its statement.`,
          ...show(worst.place),
        },
    notAnalysed === null
      ? { title: count, command: '' }
      : { title: count, tooltip: 'Click to go to the first one that is not.', ...show(notAnalysed) },
  ];
  const rollback: Command = {
    title: 'Rollback',
    tooltip: 'Write the rollback, where the tool will not run it by mistake.',
    command: 'lockkeeper.writeRollback',
    arguments: [target],
  };
  const compare: readonly Command[] =
    impact.stagingRuns < 2
      ? []
      : [
          {
            title: 'Compare with Last Run',
            tooltip: 'What changed between the last two staging runs.',
            command: 'lockkeeper.compareWithLastRun',
            arguments: [target],
          },
        ];
  if (!workspace.isTrusted) return [...facts, rollback, ...compare];
  return [
    ...facts,
    { title: 'Profile', command: 'lockkeeper.profile', arguments: [target] },
    ...compare,
    { title: 'Test Rollback', command: 'lockkeeper.testRollback', arguments: [target] },
    rollback,
    ...(worst?.sizeUnknown === true
      ? [
          {
            title: 'Pull Statistics',
            tooltip: 'How long others wait depends on a table whose size in production is not known yet.',
            command: 'lockkeeper.pullStatistics',
            arguments: [target],
          },
        ]
      : []),
  ];
}
