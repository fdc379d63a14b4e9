import type { AlterDomainStmt, AlterSeqStmt, CreateSeqStmt, Node } from '@pgsql/types';
import { resolveUserType, tableById } from '../../catalog/lookup.ts';
import { definitionElement, nameParts, stringValues } from '../../sql/tree.ts';
import { evaluate, evaluateStored } from '../evaluated.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import type { EffectRecorder } from '../recorder.ts';
import { touchNew } from './createTable.ts';
import { nameText, quoteIdentifier } from '../../sql/quote.ts';

const DOMAIN_WHY = 'Every table that uses the domain is read to check its values; writes to them wait, reads go on.';

const FACTS = {
  domainConstraint: {
    operation: 'alter domain add constraint',
    lock: 'SHARE',
    why: DOMAIN_WHY,
    source: documented('sql-alterdomain.html'),
  },
  domainNotNull: {
    operation: 'alter domain set not null',
    lock: 'SHARE',
    why: DOMAIN_WHY,
    source: documented('sql-alterdomain.html'),
  },
  domainValidate: {
    operation: 'alter domain validate constraint',
    lock: 'SHARE',
    why: DOMAIN_WHY,
    source: documented('sql-alterdomain.html'),
  },
  createSequence: {
    operation: 'create sequence',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Nobody else can see it before the transaction ends.',
    source: documented('sql-createsequence.html'),
  },
  alterSequence: {
    operation: 'alter sequence',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'nextval waits for a moment.',
    source: documented('sql-altersequence.html'),
  },
  ownedBy: {
    operation: 'sequence owned by',
    lock: 'ACCESS SHARE',
    why: 'The table that comes to own the sequence is only looked at.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

/** ALTER DOMAIN: the tables that use it are read when a constraint is added, validated, or NOT NULL set. */
export function alterDomain(recorder: EffectRecorder, statement: AlterDomainStmt): void {
  const { schema, name } = nameParts(statement.typeName);
  const domain = resolveUserType(recorder.before, schema, name);
  if (domain?.kind !== 'domain') return;
  const node = statement.def !== undefined && 'Constraint' in statement.def ? statement.def.Constraint : undefined;
  const notNull = node?.contype === 'CONSTR_NOTNULL';
  let fact: Fact;
  switch (statement.subtype) {
    case 'C':
      if (node?.skip_validation === true) return;
      fact = notNull ? FACTS.domainNotNull : FACTS.domainConstraint;
      break;
    case 'O':
      fact = FACTS.domainNotNull;
      break;
    case 'V':
      fact = FACTS.domainValidate;
      break;
    default:
      return;
  }
  if (fact === FACTS.domainNotNull && domain.notNull) return;
  const object = node?.conname ?? statement.name ?? name;
  const tables = [...tablesOfDomain(recorder, domain.id)];
  for (const id of tables) {
    recorder.touch(id, fact, { what: `ALTER DOMAIN ${nameText(name)}`, object, work: ['scan'] });
  }
  const holders = tables.flatMap((id) => tableById(recorder.before, id) ?? []);
  if (fact === FACTS.domainConstraint) evaluate(recorder, holders, node?.raw_expr);
  const validated = domain.constraints.find((each) => each.name === statement.name);
  if (fact === FACTS.domainValidate) evaluateStored(recorder, holders, validated?.expression.uses);
}

/** Tables and materialized views with a column of the domain, or of a domain over it (get_rels_with_domain()). */
function tablesOfDomain(recorder: EffectRecorder, domain: number): Set<number> {
  const { before } = recorder;
  const tables = new Set<number>();
  const domains = new Set([domain]);
  for (const id of domains) {
    for (const dependent of before.dependents.get(id) ?? []) {
      const type = before.types.get(dependent);
      if (type?.kind === 'domain' && type.base.id === id && type.base.arrayDimensions === 0) domains.add(type.id);
      const relation = before.relations.get(dependent);
      if (relation?.kind !== 'table' && relation?.kind !== 'materialized view') continue;
      if (relation.columns.some(({ type: own }) => own.id === id && own.arrayDimensions === 0)) tables.add(relation.id);
    }
  }
  return tables;
}

/** CREATE SEQUENCE. */
export function createSequence(recorder: EffectRecorder, statement: CreateSeqStmt): void {
  if (statement.if_not_exists === true && !recorder.madeOne) return;
  touchNew(recorder, FACTS.createSequence, `CREATE SEQUENCE ${statement.sequence?.relname ?? ''}`, []);
  touchOwner(recorder, statement.options);
}

/** ALTER SEQUENCE. */
export function alterSequence(recorder: EffectRecorder, statement: AlterSeqStmt): void {
  const name = statement.sequence?.relname ?? '';
  const relation = recorder.resolve(statement.sequence);
  if (relation === undefined && statement.missing_ok === true) return;
  recorder.touchNamed(
    statement.sequence,
    FACTS.alterSequence,
    { what: `ALTER SEQUENCE ${nameText(name)}` },
    'sequence',
  );
  touchOwner(recorder, statement.options);
}

/** OWNED BY table.column. */
function touchOwner(recorder: EffectRecorder, options: readonly Node[] | undefined): void {
  const owned = definitionElement(options, 'owned_by')?.arg;
  const parts = owned !== undefined && 'List' in owned ? stringValues(owned.List.items) : [];
  if (parts.length < 2) return;
  const relname = parts.at(-2) ?? '';
  const schema = parts.at(-3);
  recorder.touchNamed(schema === undefined ? { relname } : { schemaname: schema, relname }, FACTS.ownedBy, {
    what: `OWNED BY ${parts.map(quoteIdentifier).join('.')}`,
  });
}
