import type { FileLint } from '../lint.ts';
import { summarize } from '../lint.ts';
import type { Finding, Severity } from '../rules/rule.ts';
import { SEVERITIES } from '../rules/rule.ts';

export interface LintTextOptions {
  /** ANSI colours; the caller knows whether the output is a terminal. */
  readonly colours: boolean;
  /** The file's name as the user should see it; the path in the history unless given. */
  readonly nameOf?: (file: FileLint) => string;
}

const SGR: Readonly<Record<Severity | 'dim' | 'bold', string>> = {
  error: '1;31',
  warning: '1;33',
  information: '1;36',
  hint: '36',
  dim: '2',
  bold: '1',
};
/** Longer source lines are cut around the caret. */
const LINE_WIDTH = 110;

/** The findings for a person: severity and place, the source line with a caret, what happens, why, and what to do instead. Ends with a newline. */
export function lintText(
  files: readonly FileLint[],
  { colours, nameOf = ({ file }) => file }: LintTextOptions,
): string {
  const paint = (style: keyof typeof SGR, text: string): string =>
    colours ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
  const blocks: string[] = [];
  for (const file of files) {
    const lines = new SourceLines(file.migration.text);
    for (const finding of file.findings) blocks.push(findingText(finding, nameOf(file), lines, paint));
  }
  return [...blocks, summaryText(files, paint)].join('\n');
}

type Paint = (style: keyof typeof SGR, text: string) => string;

function findingText(finding: Finding, file: string, source: SourceLines, paint: Paint): string {
  const { line, column, text } = source.at(finding.start);
  const number = String(line);
  const gutter = ' '.repeat(number.length);
  const bar = paint('dim', '|');
  const shown = cut(text, column, finding.end - finding.start);
  const [what = '', ...rest] = finding.message.split('\n');
  return [
    `${paint(finding.severity, finding.severity)}${paint('bold', `: ${what}`)}`,
    `${gutter}${paint('dim', '-->')} ${file}:${number}:${String(column + 1)}  ${paint('dim', `[${finding.rule}]`)}`,
    `${gutter} ${bar}`,
    `${paint('dim', number)} ${bar} ${shown.text}`,
    `${gutter} ${bar} ${shown.before}${paint(finding.severity, shown.carets)}`,
    ...rest.map((each) => `${gutter} ${paint('dim', '=')} ${each}`),
    '',
  ].join('\n');
}

/** The line cut to the width, white space up to the caret (tabs kept, so that it stands under its text), and the carets. */
function cut(line: string, column: number, length: number): { text: string; before: string; carets: string } {
  const from = column > LINE_WIDTH - 20 ? column - 30 : 0;
  const to = Math.min(line.length, from + LINE_WIDTH);
  const text = `${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}`;
  const before = `${from > 0 ? ' ' : ''}${line.slice(from, column).replaceAll(/[^\t]/g, ' ')}`;
  const underlined = line.slice(column, Math.min(to, column + Math.max(length, 1))).trimEnd().length;
  return { text, before, carets: '^'.repeat(Math.max(underlined, 1)) };
}

function summaryText(files: readonly FileLint[], paint: Paint): string {
  const { statements, analysed, findings } = summarize(files);
  const counts = SEVERITIES.filter((severity) => findings[severity] > 0).map((severity) =>
    paint(severity, `${String(findings[severity])} ${plural(severity, findings[severity])}`),
  );
  const verdict = counts.length === 0 ? 'No findings' : counts.join(', ');
  const coverage = `${String(analysed)} of ${String(statements)} ${statements === 1 ? 'statement' : 'statements'} analysed`;
  const where = `${String(files.length)} ${files.length === 1 ? 'migration' : 'migrations'}`;
  return `${verdict} in ${where}; ${coverage}.\n`;
}

function plural(severity: Severity, count: number): string {
  if (severity === 'information') return count === 1 ? 'note' : 'notes';
  return count === 1 ? severity : `${severity}s`;
}

/** Finds the line of an offset; LF, CRLF and CR end a line. */
class SourceLines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
    this.#starts = starts;
  }

  at(offset: number): { line: number; column: number; text: string } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    const end = this.#starts[low + 1] ?? this.#text.length;
    return { line: low + 1, column: offset - start, text: this.#text.slice(start, end).replace(/[\r\n]+$/, '') };
  }
}
