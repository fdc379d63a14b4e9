import type { FileLint } from '../lint.ts';
import { summarize } from '../lint.ts';
import type { Finding, Severity } from '../rules/rule.ts';
import { SEVERITIES } from '../rules/rule.ts';
import type { SizeLookup } from '../rules/sizes.ts';
import { counted } from './figures.ts';
import { migrationImpact, stallWords } from './lockImpact.ts';
import { SourceLines } from './sourceLines.ts';

export interface LintTextOptions {
  /** ANSI colours; the caller knows whether the output is a terminal. */
  readonly colours: boolean;
  /** The file's name as the user should see it; the path in the history unless given. */
  readonly nameOf?: (file: FileLint) => string;
  /** Said where no migration spoke: "everything is on origin/main". */
  readonly nothing?: string;
  /** How large tables are; null: nobody told. */
  readonly sizes?: SizeLookup | null;
  /** Some findings have a safe form: say how to have it written. */
  readonly offerFixes?: boolean;
}

const SGR: Readonly<Record<Severity | 'dim' | 'bold', string>> = {
  error: '1;31',
  warning: '1;33',
  information: '1;36',
  hint: '36',
  dim: '2',
  bold: '1',
};
/** Longer source lines are cut around the caret, longer prose is wrapped. */
const LINE_WIDTH = 110;

const WORDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'hint',
};

/**
 * The findings for a person: severity and place, the source line with a caret, what happens, why, and what to do
 * instead, as SQL without a margin, so that it can be copied. Then the worst lock of each migration, and the count. Ends
 * with a newline.
 */
export function lintText(
  files: readonly FileLint[],
  {
    colours,
    nameOf = ({ file }) => file,
    nothing = 'No migrations.',
    sizes = null,
    offerFixes = false,
  }: LintTextOptions,
): string {
  if (files.length === 0) return `${nothing}\n`;
  const paint = (style: keyof typeof SGR, text: string): string =>
    colours ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
  const blocks: string[] = [];
  for (const file of files) {
    if (file.findings.length === 0) continue;
    const lines = new SourceLines(file.migration.text);
    for (const finding of file.findings) blocks.push(findingText(finding, nameOf(file), lines, paint));
  }
  return [
    ...blocks,
    ...worstLocks(files, { nameOf, paint, sizes }),
    summaryText(files, paint),
    ...(offerFixes ? ['lockkeeper lint --fix writes the safe form where there is one.\n'] : []),
  ].join('\n');
}

type Paint = (style: keyof typeof SGR, text: string) => string;

function findingText(finding: Finding, file: string, source: SourceLines, paint: Paint): string {
  const { line, column, text } = source.at(finding.start);
  const number = String(line);
  const gutter = ' '.repeat(number.length);
  const bar = paint('dim', '|');
  const shown = cut(text, column - 1, finding.end - finding.start);
  const [what = '', ...rest] = finding.message.split('\n');
  return [
    `${paint(finding.severity, WORDS[finding.severity])}${paint('bold', `: ${what}`)}`,
    `${gutter}${paint('dim', '-->')} ${file}:${number}:${String(column)}  ${paint('dim', `[${finding.rule}]`)}`,
    `${gutter} ${bar}`,
    `${paint('dim', number)} ${bar} ${shown.text}`,
    `${gutter} ${bar} ${shown.before}${paint(finding.severity, shown.carets)}`,
    ...rest.flatMap((each) => proseLines(each, gutter, paint)),
    '',
  ].join('\n');
}

/** Prose wrapped behind its margin; SQL (set off in the message) as it is. */
function proseLines(line: string, gutter: string, paint: Paint): string[] {
  if (line.startsWith('  ')) return [`${gutter}   ${line}`];
  const margin = `${gutter} ${paint('dim', '=')} `;
  const [head = '', ...tail] = wrapped(line, LINE_WIDTH - gutter.length - 3);
  const instead = /^Instead:/.exec(head)?.[0] ?? '';
  return [
    `${margin}${instead === '' ? '' : paint('bold', instead)}${head.slice(instead.length)}`,
    ...tail.map((each) => `${gutter}   ${each}`),
  ];
}

/** The text in lines of at most `width` UTF-16 units, broken at blanks. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
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

/** A line for each migration that stops others: its worst lock, who waits and for what. */
function worstLocks(
  files: readonly FileLint[],
  { nameOf, paint, sizes }: { nameOf: (file: FileLint) => string; paint: Paint; sizes: SizeLookup | null },
): string[] {
  const lines = files.flatMap((file) => {
    if (file.findings.length === 0) return [];
    const impact = migrationImpact(file.analysis.statements, sizes);
    if (impact === null || impact.stall !== 'grows') return [];
    const { lock, relation, line } = impact;
    return [`${paint('dim', `${nameOf(file)}:${String(line)}:`)} ${lock} on ${relation}; ${stallWords(impact)}.`];
  });
  return lines.length === 0 ? [] : [paint('bold', 'Worst locks:'), ...lines.map((line) => `  ${line}`), ''];
}

function summaryText(files: readonly FileLint[], paint: Paint): string {
  const { statements, analysed, findings, waived } = summarize(files);
  const counts = SEVERITIES.filter((severity) => findings[severity] > 0).map((severity) =>
    paint(severity, counted(findings[severity], WORDS[severity])),
  );
  const verdict = counts.length === 0 ? 'No findings' : counts.join(', ');
  const coverage = `${String(analysed)} of ${counted(statements, 'statement')} analysed`;
  const silent = waived === 0 ? '' : `; ${counted(waived, 'finding')} waived`;
  return `${verdict} in ${counted(files.length, 'migration')}; ${coverage}${silent}.\n`;
}
