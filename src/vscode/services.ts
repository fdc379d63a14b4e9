import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { DocumentSync } from './documentSync.ts';
import type { EngineClient } from './engine/client.ts';
import type { EnvironmentUrls } from './environments/environmentUrls.ts';
import type { FindingStore } from './diagnostics/findingStore.ts';
import type { ReportPanels } from './report/reportPanels.ts';
import type { ScanPanel } from './scan/scanPanel.ts';
import type { WorkspaceModel } from './workspaceModel.ts';

/** All parts of the running extension; what a command is given. Nothing here is optional. */
export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly engine: EngineClient;
  readonly workspace: WorkspaceModel;
  readonly documents: DocumentSync;
  readonly findings: FindingStore;
  readonly environments: EnvironmentUrls;
  readonly reports: ReportPanels;
  readonly scan: ScanPanel;
}
