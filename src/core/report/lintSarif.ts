import type { FileLint } from '../lint.ts';
import { summarize } from '../lint.ts';
import { hashText } from '../records/recordFile.ts';
import { RULES } from '../rules/registry.ts';
import type { Finding, Fix, Rule, Severity } from '../rules/rule.ts';
import { SourceLines } from './sourceLines.ts';

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; the tests hold the output to its JSON schema. */
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

export interface SarifOptions {
  /** Lockkeeper's own. */
  readonly version: string;
  /** A file's path relative to the repository's top folder, with `/`; absolute where it lies outside. */
  readonly pathOf: (file: FileLint) => string;
  /** The same for a path relative to the history's root: a file that a fix makes. */
  readonly newPathOf: (file: FileLint, path: string) => string;
}

/** The findings as a SARIF 2.1.0 log of one run, waived ones as suppressed. Plain JSON. */
export function lintSarif(files: readonly FileLint[], options: SarifOptions): object {
  const used = new Set(
    files.flatMap(({ findings, waivers }) =>
      [...findings, ...waivers.flatMap(({ accepted }) => accepted)].map(({ rule }) => rule),
    ),
  );
  const rules = RULES.filter(({ id }) => used.has(id));
  const indexOf = new Map(rules.map(({ id }, index) => [id, index]));
  const { statements, analysed } = summarize(files);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Lockkeeper', semanticVersion: options.version, rules: rules.map(ruleObject) } },
        columnKind: 'utf16CodeUnits',
        newlineSequences: ['\r\n', '\n', '\r'],
        invocations: [{ executionSuccessful: true }],
        properties: { migrations: files.length, statements, statementsAnalysed: analysed },
        results: files.flatMap((file) => results(file, indexOf, options)),
      },
    ],
  };
}

function ruleObject({ id, meta }: Rule): object {
  const names = Object.entries(meta.alsoKnownAs).map(([tool, known]) => `${tool}: ${[known].flat().join(', ')}`);
  const text = [meta.why, `Instead: ${meta.instead}`, ...meta.references].join('\n');
  const markdown = [
    meta.why,
    `**Instead:** ${meta.instead}`,
    ...(meta.more ? [meta.more] : []),
    meta.references.map((url) => `- <${url}>`).join('\n'),
  ];
  return {
    id,
    shortDescription: { text: meta.title },
    fullDescription: { text: meta.why },
    help: { text, markdown: markdown.filter((part) => part !== '').join('\n\n') },
    defaultConfiguration: { level: LEVELS[meta.severity] },
    properties: { tags: ['postgresql', 'migration', meta.cause], ...(names.length > 0 ? { alsoKnownAs: names } : {}) },
  };
}

function results(file: FileLint, indexOf: ReadonlyMap<string, number>, options: SarifOptions): object[] {
  const lines = new SourceLines(file.migration.text);
  const path = options.pathOf(file);
  const seen = new Map<string, number>();
  const reasons = new Map(
    file.waivers.flatMap((waiver) => waiver.accepted.map((finding) => [finding, waiver] as const)),
  );
  return [...file.findings, ...reasons.keys()].map((finding) => {
    const waiver = reasons.get(finding);
    const text = file.analysis.statements[finding.statement]?.statement.text ?? '';
    const same = [path, finding.rule, text.replaceAll(/\s+/g, ' ')].join('\n');
    const count = seen.get(same) ?? 0;
    seen.set(same, count + 1);
    return {
      ruleId: finding.rule,
      ruleIndex: indexOf.get(finding.rule),
      level: LEVELS[finding.severity],
      message: { text: finding.message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: location(path),
            region: {
              ...region(finding, lines),
              snippet: { text: file.migration.text.slice(finding.start, finding.end) },
            },
          },
        },
      ],
      // Lives through edits elsewhere in the file.
      partialFingerprints: { 'lockkeeperStatement/v1': hashText(`${same}\n${count}`).slice(0, 32) },
      properties: { cause: finding.cause, statement: finding.statement },
      ...(waiver === undefined
        ? {}
        : { suppressions: [{ kind: waiver.place === null ? 'external' : 'inSource', justification: waiver.reason }] }),
      ...(finding.fixes.length > 0
        ? {
            fixes: finding.fixes.map((fix) =>
              fixObject(fix, { lines, path, newPath: (made) => options.newPathOf(file, made) }),
            ),
          }
        : {}),
    };
  });
}

function fixObject(
  { title, edits, newFiles = [] }: Fix,
  {
    lines,
    path,
    newPath,
  }: { readonly lines: SourceLines; readonly path: string; readonly newPath: (path: string) => string },
): object {
  const own = {
    artifactLocation: location(path),
    replacements: edits.map((edit) => ({
      deletedRegion: region(edit, lines),
      insertedContent: { text: edit.newText },
    })),
  };
  const made = newFiles.map((file) => ({
    artifactLocation: location(newPath(file.path)),
    replacements: [
      {
        deletedRegion: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
        insertedContent: { text: file.text },
      },
    ],
  }));
  return { description: { text: title }, artifactChanges: [...(edits.length > 0 ? [own] : []), ...made] };
}

function region({ start, end }: Pick<Finding, 'start' | 'end'>, lines: SourceLines): object {
  const from = lines.at(start);
  const to = lines.at(end);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

/** A relative reference by RFC 3986, or a `file` URI for what lies outside of the repository. */
function location(path: string): object {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  if (/^(?:[A-Za-z]:)?\//.test(path))
    return { uri: `file://${path.startsWith('/') ? '' : '/'}${encoded.replace('%3A', ':')}` };
  return { uri: encoded, uriBaseId: '%SRCROOT%' };
}
