import { workspace } from 'vscode';
import type { Disposable, Uri } from 'vscode';

const SCHEME = 'lockkeeper-proposal';
/** Only ever a few: the last text proposed for each file. */
const texts = new Map<string, string>();

/** Shows proposed texts beside what is there, without writing them. */
export function registerProposals(): Disposable {
  return workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.path) ?? '',
  });
}

/** An address under which the editor shows `text` as a proposal for `file`. */
export function proposalUri(file: Uri, text: string): Uri {
  texts.set(file.path, text);
  return file.with({ scheme: SCHEME, query: String(texts.size) });
}
