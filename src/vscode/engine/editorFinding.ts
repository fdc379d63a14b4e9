import path from 'node:path';
import type { Finding, Fix } from '../../core/rules/rule.ts';
import type { EditorFinding, EditorFix } from './protocol.ts';
import type { TextPlaces } from './textPlaces.ts';

/** Findings about waivers can't be waived. */
const ABOUT_WAIVERS = /^waiver-/;

/**
 * A finding in the editor's terms: lines and columns.
 *
 * @param statementStart offset of its statement, where a waiver may be written; null: nowhere
 */
export function editorFinding(
  finding: Finding,
  { places, statementStart }: { places: TextPlaces; statementStart: number | null },
): EditorFinding {
  return {
    waiveAt:
      statementStart === null || ABOUT_WAIVERS.test(finding.rule) ? null : places.place(statementStart, statementStart),
    rule: finding.rule,
    severity: finding.severity,
    message: finding.message,
    place: places.place(finding.start, finding.end),
  };
}

/**
 * A fix in the editor's terms: lines and columns, absolute paths.
 *
 * @param root the folder that the paths of new files are relative to
 */
export function editorFix(fix: Fix, { places, root }: { places: TextPlaces; root: string }): EditorFix {
  return {
    title: fix.title,
    edits: fix.edits.map(({ start, end, newText }) => ({ place: places.place(start, end), newText })),
    newFiles: (fix.newFiles ?? []).map(({ path: file, text }) => ({ path: path.join(root, file), text })),
    schemaFields: fix.schemaFields ?? [],
    steps: fix.steps ?? [],
  };
}
