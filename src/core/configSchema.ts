import { RULES } from './rules/registry.ts';
import { SEVERITIES, ruleSeverity } from './rules/rule.ts';
import { ENVIRONMENT_CLASSES, RISKS } from './policy/policy.ts';
import { EVIDENCE_KINDS } from './records/record.ts';
import { SERVER_MAJORS } from './catalog/catalog.ts';
import { TOOL_IDS } from './tools/registry.ts';

/** The part of JSON Schema (2020-12, read by VS Code as draft 7 too) that the configuration needs. */
export interface Schema {
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer';
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** False: other keys are mistakes. A schema: any key, with such a value. */
  readonly additionalProperties?: false | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const object = (properties: Record<string, Schema>, description?: string): Schema => ({
  ...(description === undefined ? {} : { description }),
  type: 'object',
  properties,
  additionalProperties: false,
});
const record = (additionalProperties: Schema, description: string): Schema => ({
  description,
  type: 'object',
  additionalProperties,
});
const text = (description: string): Schema => ({ description, type: 'string' });
const choice = (description: string, values: readonly (string | number)[]): Schema => ({ description, enum: values });

const BASELINE = text(
  'Path of a schema dump (pg_dump --schema-only) that the migrations start from, relative to the workspace root.',
);
const ADOPTED_AT = text('Id of the migration up to which nothing is demanded: those before Lockkeeper was taken up.');

const REQUIREMENT = object({
  evidence: {
    description: 'Checks that must have passed for exactly this migration.',
    type: 'array',
    items: choice('', EVIDENCE_KINDS),
  },
  approvals: record(
    { description: 'How many different persons.', type: 'integer', minimum: 0 },
    'Role and number of persons who must approve: {"dba": 1}.',
  ),
});

/** `40M`: thousands, millions, billions (G for bytes), trillions. */
const COUNT = '^\\d+(?:\\.\\d+)?\\s*[kKmMgGbBtT]?$';
const SIZE: Schema = {
  description: 'A number, or one with a letter: 40000000, "40M".',
  anyOf: [
    { type: 'number', minimum: 0 },
    { type: 'string', pattern: COUNT },
  ],
};

/**
 * What may stand in `lockkeeper.jsonc`. This is the only description: `config.ts` validates by it, and
 * `schemas/lockkeeper.schema.json`, which completes in the editor, is its copy (`scripts/generate-schema.ts`).
 */
export const CONFIG_SCHEMA: Schema = object(
  {
    $schema: text('Where this schema lies.'),
    postgresVersion: choice('Major version of the PostgreSQL servers that the migrations run on.', SERVER_MAJORS),
    timeZone: text(
      'TimeZone of the session that applies the migrations: decides whether a change between timestamp and timestamptz rewrites the table.',
    ),
    baseline: BASELINE,
    adoptedAt: ADOPTED_AT,
    histories: {
      description:
        'Migration folders. They are recognised by themselves; name one only to add it or to change what was recognised.',
      type: 'array',
      items: {
        ...object({
          path: text('The folder, relative to the workspace root.'),
          name: text("The history's name in trees and records; the folder unless given."),
          tool: choice('The migration tool.', TOOL_IDS),
          dialect: choice('The database.', ['postgresql', 'mysql']),
          baseline: BASELINE,
          adoptedAt: ADOPTED_AT,
          transactionMode: choice(
            'How scripts are run here: explicit (wrapped in BEGIN … COMMIT), implicit (each file one query), autocommit (statement by statement).',
            ['explicit', 'implicit', 'autocommit'],
          ),
        }),
        required: ['path'],
      },
    },
    environments: record(
      {
        ...object({
          class: choice('What kind of database it is.', ENVIRONMENT_CLASSES),
          require: object(
            Object.fromEntries(RISKS.map((risk) => [risk, REQUIREMENT])),
            'What must be there before a migration may go to this environment, by its risk.',
          ),
        }),
        required: ['class'],
      },
      'Databases by name. Their URLs never stand here.',
    ),
    roles: record(
      { type: 'array', items: { type: 'string' } },
      'Who may approve in a role: e-mail addresses as git knows them. A role that is not named here is open to everybody.',
    ),
    rules: {
      description: 'Rules that are switched off or on, or have another severity.',
      type: 'object',
      properties: Object.fromEntries(
        RULES.map((rule) => {
          const { id, meta } = rule;
          const usual = ruleSeverity(rule) === 'off' ? 'off unless set' : meta.severity;
          return [id, choice(`${meta.title} (${usual}).`, ['off', ...SEVERITIES])];
        }),
      ),
      additionalProperties: choice('Severity of the rule, or off.', ['off', ...SEVERITIES]),
    },
    waivers: {
      description:
        'Findings that are accepted in files that must not change. In any other file a comment does the same: -- lockkeeper-ignore <rule>: <reason>.',
      type: 'array',
      items: {
        ...object({
          files: text('A glob, relative to the workspace root: prisma/migrations/2024*/**.'),
          rule: text('Id of the rule.'),
          reason: {
            description: 'Why the finding is accepted: for whoever reads it at a review or in an incident.',
            type: 'string',
            pattern: '\\S',
          },
          until: {
            description: 'The last day on which it counts: 2027-01-31.',
            type: 'string',
            pattern: '^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$',
          },
        }),
        required: ['files', 'rule', 'reason'],
      },
    },
    productionRef: text(
      'The git ref of the code that is deployed, searched for uses of what migrations take away: origin/production. The merge base with the default branch unless given.',
    ),
    sizes: record(
      {
        description: 'Rows, or rows and bytes: 40000000, "40M".',
        anyOf: [
          { type: 'number', minimum: 0 },
          { type: 'string', pattern: COUNT },
          object({ rows: SIZE, bytes: SIZE }),
        ],
      },
      'Sizes of production tables, if they are not measured: {"public.orders": "40M", "events": {"rows": "2B", "bytes": "300G"}}.',
    ),
    stagingBudget: object(
      {
        stallSeconds: {
          description: 'The longest that reads or writes of a table may wait.',
          type: 'number',
          minimum: 0,
        },
        minutes: {
          description:
            'The longest that a migration may take: in production if there is an estimate, else as measured.',
          type: 'number',
          minimum: 0,
        },
      },
      'What a migration may cost. A staging run that is over it fails.',
    ),
  },
  'Settings of Lockkeeper for this repository. Everything is optional.',
);

/** Ids of the rules, for `rules`. */
export const RULE_IDS: readonly string[] = RULES.map(({ id }) => id);
