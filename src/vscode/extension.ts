import path from 'node:path';
import { languages, window, workspace } from 'vscode';
import type { Event, ExtensionContext } from 'vscode';
import { ArchiveProvider } from './codeActions/archiveProvider.ts';
import { FixProvider } from './codeActions/fixProvider.ts';
import { ImpactLens } from './codeLens/impactLens.ts';
import { registerCommands } from './commandTable.ts';
import { FindingStore } from './diagnostics/findingStore.ts';
import { DocumentSync, LANGUAGES } from './documentSync.ts';
import type { Publication } from './documentSync.ts';
import { EngineClient } from './engine/client.ts';
import { EnvironmentUrls } from './environments/environmentUrls.ts';
import { showError } from './errors.ts';
import { LockImpactHover } from './hover/hoverProvider.ts';
import { ImpactHints } from './inlayHints/impactHints.ts';
import { MeasurementLabels } from './measurements/measurementLabels.ts';
import { registerProposals } from './proposals.ts';
import { ReportPanels } from './report/reportPanels.ts';
import { ScanPanel } from './scan/scanPanel.ts';
import type { Services } from './services.ts';
import { StatusBar } from './statusBar.ts';
import { MigrationTree } from './tree/migrationTree.ts';
import type { Row } from './tree/row.ts';
import { WorkspaceModel } from './workspaceModel.ts';

/** What `activate` gives to other extensions and to the tests. */
export interface Lockkeeper {
  /** Settles when the open folders have been read. */
  readonly ready: Promise<void>;
  /** An editor's text was read and its diagnostics are out. */
  readonly onDidPublish: Event<Publication>;
  /** The rows of the sidebar. */
  readonly rows: (parent?: Row) => Promise<readonly Row[]>;
  readonly onDidChangeRows: Event<undefined>;
  readonly activationMilliseconds: number;
}

let engine: EngineClient | null = null;

/** Builds and registers. A failure is said to the person; the editor goes on without Lockkeeper. */
export function activate(context: ExtensionContext): Lockkeeper | null {
  const log = window.createOutputChannel('Lockkeeper', { log: true });
  context.subscriptions.push(log);
  try {
    return start(context, log);
  } catch (error) {
    void showError('Lockkeeper could not start', error, log);
    return null;
  }
}

/** Lets what runs end and clean up: throw-away servers are stopped before the editor goes. */
export async function deactivate(): Promise<void> {
  await engine?.shutDown();
}

function start(context: ExtensionContext, log: Services['log']): Lockkeeper {
  const started = performance.now();
  const own = <T extends { dispose: () => unknown }>(thing: T): T => {
    context.subscriptions.push(thing);
    return thing;
  };
  engine = own(new EngineClient(path.join(context.extensionPath, 'dist', 'engine.cjs')));
  const model = own(new WorkspaceModel(engine));
  const findings = own(new FindingStore(engine));
  const documents = own(new DocumentSync(engine));
  const tree = own(new MigrationTree(model, engine));
  own(new StatusBar(model));
  const services: Services = {
    context,
    log,
    engine,
    workspace: model,
    documents,
    findings,
    environments: new EnvironmentUrls(context.secrets, context.workspaceState),
    reports: own(new ReportPanels(engine, model)),
    scan: own(new ScanPanel(engine, model, log)),
  };
  const selector = LANGUAGES.map((language) => ({ language, scheme: 'file' }));
  own(new MeasurementLabels(engine, documents, model));
  own(registerCommands(services));
  own(registerProposals());
  own(languages.registerHoverProvider(selector, new LockImpactHover(engine, documents)));
  own(languages.registerCodeLensProvider(selector, own(new ImpactLens(engine, documents, model))));
  own(languages.registerInlayHintsProvider(selector, own(new ImpactHints(engine, documents, model))));
  own(
    languages.registerCodeActionsProvider(selector, new FixProvider(documents, engine), {
      providedCodeActionKinds: FixProvider.kinds,
    }),
  );
  own(
    languages.registerCodeActionsProvider(
      selector,
      new ArchiveProvider(documents, engine, (path) => model.migrationOf(path)),
      { providedCodeActionKinds: ArchiveProvider.kinds },
    ),
  );
  documents.sendAll();
  void model.refresh();
  own(workspace.onDidGrantWorkspaceTrust(() => void model.refresh()));
  return {
    ready: model.ready,
    onDidPublish: documents.onDidPublish,
    rows: (parent) => tree.getChildren(parent),
    onDidChangeRows: tree.onDidChangeTreeData,
    activationMilliseconds: performance.now() - started,
  };
}
