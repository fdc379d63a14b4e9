import type { FileLint } from '../lint.ts';
import { summarize } from '../lint.ts';
import type { Finding, Severity } from '../rules/rule.ts';
import { SEVERITIES } from '../rules/rule.ts';
import type { SizeLookup } from '../rules/sizes.ts';
import type { History } from '../tools/tool.ts';
import { deployOrder, deployWords } from './deployOrder.ts';
import { counted, shortened } from './figures.ts';
import { migrationImpact, stallClassWords, stallWords } from './lockImpact.ts';
import { wayBack } from './wayBack.ts';

/** One migration of the comment. */
export interface MarkdownEntry {
  readonly file: FileLint;
  readonly history: History;
  /** The file's name as readers know it. */
  readonly name: string;
}

/** A comment on GitHub holds 65,536 characters: beyond this the findings are counted, not shown. */
const ROOM = 55_000;
const LONGEST_CELL = 200;
const MOST_WAIVERS = 50;
/** Of a statement. */
const MOST_LINES = 8;

/**
 * The findings for a pull request: a table with a line a migration, the waivers, then what was found, with what to do
 * instead. Ends with a newline.
 *
 * @param sizes how large tables are; null: nobody told
 */
export function lintMarkdown(entries: readonly MarkdownEntry[], sizes: SizeLookup | null = null): string {
  const files = entries.map(({ file }) => file);
  if (files.length === 0) return '### Lockkeeper: no new migrations\n';
  const { statements, analysed } = summarize(files);
  const head = [
    `### Lockkeeper: ${verdict(files)} in ${counted(files.length, 'migration')}`,
    '',
    '| migration | worst lock | stall | way back | deploy |',
    '| --- | --- | --- | --- | --- |',
    ...entries.map((entry) => tableRow(entry, sizes)),
    '',
    `${String(analysed)} of ${counted(statements, 'statement')} analysed.`,
  ].join('\n');
  const waivers = waiverTable(entries);
  const top = [head, ...(waivers === null ? [] : [waivers])];
  return `${[...top, ...sections(entries, ROOM - top.join('').length)].join('\n\n')}\n`;
}

function verdict(files: readonly FileLint[]): string {
  const { findings } = summarize(files);
  const counts = SEVERITIES.filter((severity) => findings[severity] > 0).map((severity) =>
    counted(findings[severity], WORDS[severity]),
  );
  return counts.length === 0 ? 'no findings' : counts.join(', ');
}

const WORDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'hint',
};

function tableRow({ file, history, name }: MarkdownEntry, sizes: SizeLookup | null): string {
  const impact = migrationImpact(file.analysis.statements, sizes);
  const postgres = history.dialect === 'postgresql';
  const back = postgres ? wayBack(file.analysis, history) : null;
  const cells = [
    code(name),
    impact === null
      ? postgres
        ? 'none'
        : 'not known'
      : `${impact.lock} on ${code(impact.relation)} (line ${impact.line})`,
    impact === null
      ? postgres
        ? '**none**'
        : 'not known'
      : `**${stallClassWords(impact)}**: ${escape(stallWords(impact))}`,
    back === null
      ? 'not known'
      : escape(shortened(`${back.words}${back.written ? '; a script is written' : ''}`, LONGEST_CELL)),
    postgres ? escape(shortened(deployWords(deployOrder(file.analysis)), LONGEST_CELL)) : 'not known',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** For reviewers: what is kept silent, why, and until when. */
function waiverTable(entries: readonly MarkdownEntry[]): string | null {
  const rows = entries.flatMap(({ file, name }) =>
    file.waivers.map(({ rule, reason, until, state, place, accepted }) => {
      const where = place === null ? 'lockkeeper.jsonc' : `line ${place.line}`;
      const what = state === 'used' ? counted(accepted.length, 'finding') : state;
      const cells = [code(name), where, code(rule), escape(shortened(reason, LONGEST_CELL)), until ?? '', what];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  );
  if (rows.length === 0) return null;
  const shown = rows.slice(0, MOST_WAIVERS);
  const more = rows.length > shown.length ? [`\n${counted(rows.length - shown.length, 'waiver')} more.`] : [];
  return [
    '| waived in | where | rule | reason | until | keeps silent |',
    '| --- | --- | --- | --- | --- | --- |',
    ...shown,
    ...more,
  ].join('\n');
}

function sections(entries: readonly MarkdownEntry[], room: number): string[] {
  const made: string[] = [];
  let left = room;
  let leftOut = 0;
  for (const { file, name } of entries) {
    let titled = false;
    let [line, shown] = [0, -1];
    for (const finding of file.findings) {
      // A statement is shown once, above all that is said of it.
      const isSame = finding.startLine === line && finding.statement === shown;
      const head = isSame ? [] : [`**Line ${finding.startLine}**`, fenced(shownText(finding, file))];
      const text = [...head, section(finding)].join('\n\n');
      if (leftOut > 0 || text.length + name.length > left) {
        leftOut++;
        continue;
      }
      if (!titled) made.push(`#### ${code(name)}`);
      titled = true;
      [line, shown] = [finding.startLine, finding.statement];
      made.push(text);
      left -= text.length + name.length;
    }
  }
  if (leftOut > 0) made.push(`${counted(leftOut, 'finding')} more: \`lockkeeper lint\` shows them.`);
  return made;
}

/** The statement, as much as is needed to know it again; of a place within it that line alone. */
function shownText({ statement: index, startLine }: Finding, { migration, analysis }: FileLint): string {
  const statement = analysis.statements[index]?.statement;
  if (statement?.startLine !== startLine)
    return shortened(migration.text.split(/\r\n|\n|\r/)[startLine - 1] ?? '', LONGEST_CELL);
  const lines = statement.text.split(/\r\n|\n|\r/);
  const shown = lines
    .slice(0, MOST_LINES)
    .map((line) => (line.length > LONGEST_CELL ? shortened(line, LONGEST_CELL) : line));
  return [...shown, ...(lines.length > MOST_LINES ? ['…'] : [])].join('\n');
}

function section({ severity, rule, message }: Finding): string {
  const [what = '', ...rest] = message.split('\n');
  const prose = rest.filter((line) => !line.startsWith('  '));
  const recipe = rest.filter((line) => line.startsWith('  ')).map((line) => line.slice(2));
  return [
    `**${WORDS[severity]}**: ${escape(what)} (${code(rule)})`,
    ...(prose.length > 0 ? [prose.map(escape).join('\n')] : []),
    ...(recipe.length > 0 ? [fenced(recipe.join('\n'))] : []),
  ].join('\n\n');
}

function fenced(sql: string): string {
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${sql}\n${fence}`;
}

/** A name from the user's text, which may hold anything. */
function code(name: string): string {
  const bare = name.replaceAll(/\s+/g, ' ');
  const longest = Math.max(0, ...[...bare.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${bare}${fence}` : `${fence} ${bare} ${fence}`;
}

/** Prose in which nothing is markup, and nobody and no issue is called by name. */
function escape(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>~]/g, '\\$&')
    .replaceAll(/([@#])(?=\w)/g, '$1\u200B');
}
