import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Validator } from '@cfworker/json-schema';
import type { Schema } from '@cfworker/json-schema';
import type { FileLint } from '../../../src/core/lint.ts';
import { lintSarif } from '../../../src/core/report/lintSarif.ts';
import { RULES } from '../../../src/core/rules/registry.ts';
import { lintExample } from '../../support/lint.ts';

const schemaFile = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema;

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly Result[];
  }[];
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly suppressions?: readonly object[];
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: Readonly<Record<string, number>>;
    };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly fixes?: readonly {
    readonly artifactChanges: readonly { readonly artifactLocation: { readonly uri: string } }[];
  }[];
}

/** The log, after the schema has taken it. */
function valid(files: readonly FileLint[], folder = 'db/migrations'): Log {
  const pathOf = (_: FileLint, path: string): string => `${folder}/${path}`;
  const made = lintSarif(files, { version: '1.2.3', pathOf: (file) => pathOf(file, file.file), newPathOf: pathOf });
  const log = JSON.parse(JSON.stringify(made)) as Log;
  const { valid: isValid, errors } = new Validator(schema, '4', false).validate(log);
  assert.ok(isValid, errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`).join('\n'));
  return log;
}

describe('lint as SARIF', () => {
  it('is valid by the schema of SARIF 2.1.0, for an example of every rule', () => {
    const files = RULES.flatMap(({ examples }) => examples.bad.slice(0, 1).map((example) => lintExample(example)));
    const log = valid(files);
    const [run] = log.runs;
    assert.ok(run);
    assert.equal(
      run.results.length,
      files.reduce((sum, { findings }) => sum + findings.length, 0),
    );
    for (const { ruleId, ruleIndex } of run.results) assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
  });

  it('is valid without findings, and the schema is one that refuses', () => {
    valid([]);
    assert.equal(new Validator(schema, '4', false).validate({ version: '2.1.0', runs: [{ tool: {} }] }).valid, false);
  });

  it('counts lines and columns from 1, a byte-order mark as none, emoji as two', () => {
    const file = lintExample('\uFEFFDROP TABLE customers;\r\n/* 🚢 */ DROP TABLE events;\rDROP TABLE invoices;');
    const drops = valid([file]).runs[0]!.results.filter(({ ruleId }) => ruleId === 'drop-table');
    const regions = drops.map(({ locations }) => locations[0]!.physicalLocation.region);
    assert.deepEqual(
      regions.map(({ startLine, startColumn, endLine, endColumn }) => [startLine, startColumn, endLine, endColumn]),
      [
        [1, 1, 1, 22],
        [2, 10, 2, 28],
        [3, 1, 3, 21],
      ],
    );
  });

  it('encodes paths, and gives the fixes', () => {
    const file = lintExample('CREATE INDEX orders_note_idx ON orders (note);');
    const [result] = valid([file], 'db/grüße & more').runs[0]!.results;
    const uri = 'db/gr%C3%BC%C3%9Fe%20%26%20more/3.sql';
    assert.equal(result?.locations[0]?.physicalLocation.artifactLocation.uri, uri);
    assert.equal(result.fixes?.[0]?.artifactChanges[0]?.artifactLocation.uri, uri);
    assert.match(JSON.stringify(result.fixes), /CONCURRENTLY/);
  });

  it('has waived findings as suppressed, with the reason', () => {
    const sql = '-- lockkeeper-ignore drop-table: empty since May\nDROP TABLE customers;';
    const [result, ...others] = valid([lintExample(sql)]).runs[0]!.results;
    assert.equal(others.length, 0);
    assert.deepEqual(result?.suppressions, [{ kind: 'inSource', justification: 'empty since May' }]);
  });

  it('keeps its fingerprints when lines move', () => {
    const prints = (sql: string): string[] =>
      valid([lintExample(sql)]).runs[0]!.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
    const twice = 'DROP TABLE customers;\nTRUNCATE events;\nTRUNCATE events;';
    assert.deepEqual(prints(`-- a line\n\n${twice}`), prints(twice));
    assert.equal(new Set(prints(twice)).size, 3);
  });
});
