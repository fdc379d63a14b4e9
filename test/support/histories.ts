import { historyFromFiles } from '../../src/core/tools/history.ts';
import type { History, ToolId } from '../../src/core/tools/tool.ts';

/** A history of these files, by path relative to its root. */
export function historyOf(
  tool: ToolId,
  files: Readonly<Record<string, string>>,
  options: { root?: string; toolVersion?: string; folder?: string } = {},
): History {
  return historyFromFiles({
    id: options.root ?? 'migrations',
    tool,
    root: options.root ?? 'migrations',
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    ...(options.toolVersion === undefined ? {} : { toolVersion: options.toolVersion }),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
  });
}
