import type { Node, ParseError } from 'jsonc-parser';
import { getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { ServerMajor } from './catalog/catalog.ts';
import { CONFIG_SCHEMA, RULE_IDS } from './configSchema.ts';
import type { Schema } from './configSchema.ts';
import type { Policy, PolicySettings } from './policy/policy.ts';
import { policyFromSettings } from './policy/policy.ts';
import type { StagingBudget } from './report/stagingBudget.ts';
import type { Severity } from './rules/rule.ts';
import type { ConfiguredWaiver } from './rules/waivers.ts';
import type { Dialect } from './sql/statement.ts';
import type { ToolId, TransactionMode } from './tools/tool.ts';

/** The name of the configuration file at the workspace root. */
export const CONFIG_FILE = 'lockkeeper.jsonc';

/** `lockkeeper.jsonc`, read. What was not given is null or empty. */
export interface Config {
  readonly postgresVersion: ServerMajor | null;
  readonly timeZone: string | null;
  /** For the only history; each history may have its own. */
  readonly baseline: string | null;
  readonly adoptedAt: string | null;
  readonly histories: readonly HistoryConfig[];
  /** From `environments` and `roles`; without them, one environment of each class. */
  readonly policy: Policy;
  readonly rules: Readonly<Record<string, 'off' | Severity>>;
  /** Findings accepted in files that must not change. */
  readonly waivers: readonly ConfiguredWaiver[];
  /** The ref of the deployed code; null: the merge base with the default branch. */
  readonly productionRef: string | null;
  /** By table name as typed, `public.orders` or `orders`. */
  readonly sizes: Readonly<Record<string, TableSize>>;
  /** What a staging run may cost. */
  readonly stagingBudget: StagingBudget;
}

export interface HistoryConfig {
  /** Relative to the workspace root, with `/`; '.' for the root itself. */
  readonly path: string;
  readonly name?: string;
  readonly tool?: ToolId;
  readonly dialect?: Dialect;
  readonly baseline?: string;
  readonly adoptedAt?: string;
  readonly transactionMode?: TransactionMode;
}

export interface TableSize {
  readonly rows: number | null;
  readonly bytes: number | null;
}

/** Something wrong in the configuration, at its place (UTF-16). An unknown key is a warning: the rest is still used. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

interface RawConfig extends PolicySettings {
  readonly postgresVersion?: ServerMajor;
  readonly timeZone?: string;
  readonly baseline?: string;
  readonly adoptedAt?: string;
  readonly histories?: readonly HistoryConfig[];
  readonly rules?: Readonly<Record<string, 'off' | Severity>>;
  readonly waivers?: readonly ConfiguredWaiver[];
  readonly productionRef?: string;
  readonly sizes?: Readonly<Record<string, Count | { readonly rows?: Count; readonly bytes?: Count }>>;
  readonly stagingBudget?: { readonly stallSeconds?: number; readonly minutes?: number };
}

/** 40000000 or "40M". */
type Count = number | string;

/**
 * Reads `lockkeeper.jsonc`. Total: what is wrong is named and left out, the rest is used.
 *
 * @param text the file's text; '' (no file) gives the defaults
 */
export function parseConfig(text: string): { readonly config: Config; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const errors: ParseError[] = [];
  const bare = text.replace(/^\ufeff/, ' ');
  const tree = parseTree(bare, errors, { allowTrailingComma: true });
  if (tree) {
    for (const { error, offset, length } of errors) {
      problems.push({
        severity: 'error',
        message: `not valid JSON: ${wordsOf(printParseErrorCode(error))}`,
        offset,
        length,
      });
    }
  }
  const raw = (tree ? (cleaned(tree, CONFIG_SCHEMA, [], problems) ?? {}) : {}) as RawConfig;
  return { config: configOf(raw), problems: problems.toSorted((a, b) => a.offset - b.offset) };
}

function configOf(raw: RawConfig): Config {
  return {
    postgresVersion: raw.postgresVersion ?? null,
    timeZone: raw.timeZone ?? null,
    baseline: raw.baseline ?? null,
    adoptedAt: raw.adoptedAt ?? null,
    histories: (raw.histories ?? []).map((history) => ({ ...history, path: tidyPath(history.path) })),
    policy: policyFromSettings(raw),
    rules: raw.rules ?? {},
    waivers: raw.waivers ?? [],
    productionRef: raw.productionRef ?? null,
    sizes: Object.fromEntries(
      Object.entries(raw.sizes ?? {}).map(([table, size]) => [
        table,
        typeof size === 'object'
          ? { rows: countOf(size.rows), bytes: countOf(size.bytes) }
          : { rows: countOf(size), bytes: null },
      ]),
    ),
    stagingBudget: {
      stall: raw.stagingBudget?.stallSeconds === undefined ? null : raw.stagingBudget.stallSeconds * 1000,
      duration: raw.stagingBudget?.minutes === undefined ? null : raw.stagingBudget.minutes * 60_000,
    },
  };
}

const THOUSANDS = ['', 'K', 'M', 'B', 'T'];

function countOf(count: Count | undefined): number | null {
  if (count === undefined) return null;
  if (typeof count === 'number') return count;
  const letter = /[a-z]$/i.exec(count)?.[0].toUpperCase().replace('G', 'B') ?? '';
  return Math.round(Number.parseFloat(count) * 1000 ** THOUSANDS.indexOf(letter));
}

function tidyPath(path: string): string {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts.length === 0 ? '.' : parts.join('/');
}

/** The value without what is wrong in it, undefined if it is wrong as a whole. Problems are noted. */
function cleaned(node: Node, schema: Schema, path: readonly string[], problems: ConfigProblem[]): unknown {
  const wrong = (message: string): unknown => {
    problems.push({ severity: 'error', message, offset: node.offset, length: node.length });
    return undefined;
  };
  if (schema.anyOf) {
    const fitting = schema.anyOf.find((each) => each.type === node.type);
    const kinds = schema.anyOf.map(({ type = 'object' }) => (type === 'object' ? 'an object' : KIND_WORDS[type]));
    return fitting
      ? cleaned(node, fitting, path, problems)
      : wrong(`${nameOf(path)} must be ${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1) ?? ''}`);
  }
  const value: unknown = getNodeValue(node);
  if (typeof value === 'string' && isUrl(value)) return wrong(urlMessage(path));
  if (schema.enum) {
    if (schema.enum.some((each) => each === value)) return value;
    return wrong(`${nameOf(path)} must be one of ${schema.enum.map((each) => JSON.stringify(each)).join(', ')}`);
  }
  if (schema.type === 'object') {
    return node.type === 'object'
      ? cleanedObject(node, schema, path, problems)
      : wrong(`${nameOf(path)} must be an object`);
  }
  if (schema.type === 'array') {
    const items = schema.items;
    if (node.type !== 'array' || !items) return wrong(`${nameOf(path)} must be a list`);
    return (node.children ?? []).flatMap(
      (child, index) => cleaned(child, items, [...path, String(index)], problems) ?? [],
    );
  }
  if (schema.type === 'string') {
    if (typeof value !== 'string') return wrong(`${nameOf(path)} must be a text`);
    if (schema.pattern === undefined || new RegExp(schema.pattern).test(value)) return value;
    return wrong(`${nameOf(path)} is not as it should be. ${schema.description ?? PATTERN_WORDS}`);
  }
  const whole = schema.type === 'integer';
  if (typeof value !== 'number' || value < (schema.minimum ?? -Infinity) || (whole && !Number.isInteger(value))) {
    return wrong(
      `${nameOf(path)} must be a ${whole ? 'whole ' : ''}number${schema.minimum === 0 ? ' of 0 or more' : ''}`,
    );
  }
  return value;
}

const KIND_WORDS = { array: 'a list', string: 'a text like "40M"', number: 'a number', integer: 'a whole number' };
const PATTERN_WORDS = 'A number may end with k, M, B or T: "40M".';

function cleanedObject(
  node: Node,
  schema: Schema,
  path: readonly string[],
  problems: ConfigProblem[],
): Record<string, unknown> | undefined {
  const entries: [string, unknown][] = [];
  for (const property of node.children ?? []) {
    const [keyNode, valueNode] = property.children ?? [];
    if (!keyNode || !valueNode) continue;
    const key = String(keyNode.value);
    const inner =
      schema.properties?.[key] ?? (schema.additionalProperties === false ? undefined : schema.additionalProperties);
    const complain = (severity: ConfigProblem['severity'], message: string): void => {
      problems.push({ severity, message, offset: keyNode.offset, length: keyNode.length });
    };
    if (
      path[0] === 'environments' &&
      path.length === 2 &&
      /^(?:url|uri|dsn|connection|connectionString|password|host)$/i.test(key)
    ) {
      complain('error', urlMessage(path));
    } else if (!inner) {
      const known = Object.keys(schema.properties ?? {}).filter((each) => !each.startsWith('$'));
      complain('warning', `${nameOf(path)} has no setting "${key}"; there are ${known.join(', ')}`);
    } else {
      if (path.length === 1 && path[0] === 'rules' && !RULE_IDS.includes(key)) {
        complain('warning', `there is no rule "${key}"${similarRule(key)}`);
      }
      if (path[0] === 'waivers' && path.length === 2 && key === 'rule' && !RULE_IDS.includes(String(valueNode.value))) {
        complain('warning', `there is no rule "${String(valueNode.value)}"${similarRule(String(valueNode.value))}`);
      }
      const value = cleaned(valueNode, inner, [...path, key], problems);
      if (value !== undefined) entries.push([key, value]);
    }
  }
  const missing = (schema.required ?? []).filter((key) => !entries.some(([each]) => each === key));
  if (missing.length === 0) return Object.fromEntries(entries);
  const already = problems.some(({ offset }) => offset >= node.offset && offset < node.offset + node.length);
  if (!already) {
    const list = missing.map((key) => `"${key}"`).join(', ');
    problems.push({
      severity: 'error',
      message: `${nameOf(path)} needs ${list}`,
      offset: node.offset,
      length: node.length,
    });
  }
  return undefined;
}

function isUrl(value: string): boolean {
  return /^(?:postgres(?:ql)?|mysql|mariadb|jdbc:[a-z]+):\/\//i.test(value);
}

/** Where a URL belongs; repositories may only name environments. */
function urlMessage(path: readonly string[]): string {
  const environment = path[0] === 'environments' ? path[1] : undefined;
  const variable = environment?.toUpperCase().replace(/[^A-Z0-9]+/g, '_') ?? '<NAME>';
  return (
    'a database URL must not stand in the repository: store it in VS Code ("Lockkeeper: Set Environment URL"), ' +
    `in the variable LOCKKEEPER_URL_${variable}, or in environments.jsonc in your own configuration folder`
  );
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? CONFIG_FILE : `"${path.join('.')}"`;
}

function similarRule(id: string): string {
  const words = id.split('-');
  const best = RULE_IDS.map((each) => ({ each, shared: each.split('-').filter((word) => words.includes(word)).length }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)[0];
  return best ? `; did you mean "${best.each}"?` : '';
}

/** `PropertyNameExpected` → `property name expected`. */
function wordsOf(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
