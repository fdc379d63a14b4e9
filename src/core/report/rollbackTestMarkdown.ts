import { capitalized } from './headline.ts';
import type { RollbackTest } from './rollbackTest.ts';
import { rollbackTestSummary } from './rollbackTest.ts';

/** Rollback tests for the editor's Markdown preview: one section a script, what differs object by object. */
export function rollbackTestMarkdown(tests: readonly RollbackTest[]): string {
  const [first] = tests;
  if (first === undefined) return 'Nothing was tested.\n';
  const where = `PostgreSQL ${first.server.version.split(' ')[0] ?? ''}${first.environment === null ? '' : `, ${plain(first.environment)}`}`;
  return [
    `# Rollback of ${plain(first.migration)}`,
    '',
    `Tested on ${where}: up, rows as the new version writes them, down, up again.`,
    '',
    ...tests.flatMap(section),
  ].join('\n');
}

function section(test: RollbackTest): readonly string[] {
  const { data, differences } = test;
  const title = test.source === 'written' ? 'The written script' : "Lockkeeper's script";
  const list = (head: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : [`${head}:`, '', ...items.map((item) => `- ${plain(item)}`), ''];
  return [
    `## ${title}`,
    '',
    `${plain(capitalized(rollbackTestSummary(test)))}.`,
    '',
    ...(differences.length === 0
      ? []
      : [
          'What it fails to restore:',
          '',
          '| object | property | before | after the way back |',
          '| --- | --- | --- | --- |',
          ...differences.map(
            ({ object, property, before, after }) =>
              `| ${plain(object)} | ${plain(property)} | ${plain(before ?? '')} | ${plain(after ?? '')} |`,
          ),
          '',
        ]),
    ...list('Lost of what was there before', data.lost),
    ...list('Lost of what was written since', data.lostSince),
    ...list('Fails because of', data.fails),
    ...list('Written as only the new version can', data.written),
    ...list(
      'Left out, since this server refuses it',
      test.leftOut.map(({ line, reason }) => `line ${line}: ${reason}`),
    ),
  ];
}

/** Names and messages come from other people's files: no Markdown of theirs, no table breaks. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()<>#|!~]/g, '\\$&');
}
