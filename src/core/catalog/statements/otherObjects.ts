import type { Node } from '@pgsql/types';
import type { OtherObject } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { usesOf } from '../expressions.ts';
import { descendants, isTable, resolveFunctions, resolveRelation, typeText } from '../lookup.ts';
import { definitions, itemsOf, nameOf, nameOfRangeVar, nameText, stringOf, strings } from '../nodes.ts';
import type { Name } from '../nodes.ts';
import { Refusal, Unknown } from '../refusal.ts';
import { creationSchema, isSystemSchema, missRelation } from '../targets.ts';
import { resolveType } from '../typeNames.ts';
import { newOther, otherKey, putOther } from './others.ts';

/** Objects that only need to be known by name: their kinds, how DROP names them, and the statements that make them. */

/** Kinds by the parser's object type. */
export const OTHER_KINDS: Readonly<Record<string, string>> = {
  OBJECT_ACCESS_METHOD: 'access method',
  OBJECT_CAST: 'cast',
  OBJECT_COLLATION: 'collation',
  OBJECT_CONVERSION: 'conversion',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  OBJECT_FDW: 'foreign data wrapper',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_LANGUAGE: 'language',
  OBJECT_OPCLASS: 'operator class',
  OBJECT_OPERATOR: 'operator',
  OBJECT_OPFAMILY: 'operator family',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_SUBSCRIPTION: 'subscription',
  OBJECT_TRANSFORM: 'transform',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
};

/** The name that a statement gives to an object of `others`. Operators and casts carry their types in it. */
export function objectName(draft: Draft, kind: string, object: Node): Name {
  if ('ObjectWithArgs' in object) {
    const { schema, name } = nameOf(object.ObjectWithArgs.objname);
    const types = (object.ObjectWithArgs.objargs ?? []).map((item) =>
      'TypeName' in item ? typeText(resolveType(draft, item.TypeName)) : 'none',
    );
    return { schema, name: `${name}(${types.join(', ')})` };
  }
  if (kind === 'cast' && 'List' in object) {
    const types = itemsOf(object).map((item) =>
      'TypeName' in item ? typeText(resolveType(draft, item.TypeName)) : '',
    );
    return { schema: undefined, name: types.join(' AS ') };
  }
  if (kind === 'transform' && 'List' in object) {
    const [type, language] = itemsOf(object);
    const name = type !== undefined && 'TypeName' in type ? typeText(resolveType(draft, type.TypeName)) : '';
    return { schema: undefined, name: `${name} ${language === undefined ? '' : stringOf(language)}` };
  }
  if (kind === 'operator class' || kind === 'operator family') {
    const names = strings(itemsOf(object));
    return {
      schema: names.length > 2 ? names.at(-2) : undefined,
      name: `${names.at(-1) ?? ''} USING ${names[0] ?? ''}`,
    };
  }
  return nameOf(object);
}

/** Adds a new object of `others`; `schema` undefined for what lies in no schema. */
export function createOther(
  draft: Draft,
  object: Partial<OtherObject> & { readonly kind: string; readonly name: string },
  { ifNotExists = false, replace = false }: { readonly ifNotExists?: boolean; readonly replace?: boolean } = {},
): void {
  const made = { ...newOther(object.kind, object.schema ?? null, object.name, object.definition ?? null), ...object };
  const existing = draft.others.get(otherKey(made.kind, made.schema, made.name));
  if (existing !== undefined && !replace) {
    if (ifNotExists) return;
    throw new Refusal('42710', `${made.kind} "${made.name}" already exists`);
  }
  putOther(draft, existing === undefined ? made : { ...made, comment: existing.comment, owner: existing.owner });
  for (const relation of made.relations) draft.link(relation, relation);
}

type Handler = (draft: Draft, fields: never, text: string | null) => void;

/** Statements that make such objects. Fields are read by the parser's names. */
export const OTHER_STATEMENTS: Readonly<Record<string, Handler>> = {
  CreateCastStmt: (draft: Draft, node: NodeOf<'CreateCastStmt'>, definition: string | null) => {
    const source = resolveType(draft, node.sourcetype);
    const target = resolveType(draft, node.targettype);
    const written = node.func === undefined ? null : nameOf(node.func.objname);
    const called = written === null ? [] : resolveFunctions(draft, written.schema, written.name).map(({ id }) => id);
    const uses = [source.id, target.id, ...called].filter((id) => id !== null);
    createOther(draft, { kind: 'cast', name: `${typeText(source)} AS ${typeText(target)}`, definition, uses });
  },
  CreateEventTrigStmt: (draft: Draft, node: NodeOf<'CreateEventTrigStmt'>, definition: string | null) => {
    const { schema, name } = nameOf(node.funcname);
    const uses = resolveFunctions(draft, schema, name).map(({ id }) => id);
    createOther(draft, { kind: 'event trigger', name: node.trigname ?? '', definition, uses });
  },
  CreatePublicationStmt: (draft: Draft, node: NodeOf<'CreatePublicationStmt'>, definition: string | null) => {
    const relations = publicationRelations(draft, node.pubobjects);
    createOther(draft, { kind: 'publication', name: node.pubname ?? '', definition, relations });
  },
  CreateSubscriptionStmt: (draft: Draft, node: NodeOf<'CreateSubscriptionStmt'>, definition: string | null) => {
    createOther(draft, { kind: 'subscription', name: node.subname ?? '', definition });
  },
  CreateFdwStmt: (draft: Draft, node: NodeOf<'CreateFdwStmt'>, definition: string | null) => {
    createOther(draft, { kind: 'foreign data wrapper', name: node.fdwname ?? '', definition });
  },
  CreateForeignServerStmt: (draft: Draft, node: NodeOf<'CreateForeignServerStmt'>, definition: string | null) => {
    const ifNotExists = node.if_not_exists === true;
    const of = node.fdwname ?? '';
    createOther(draft, { kind: 'server', name: node.servername ?? '', definition, of }, { ifNotExists });
  },
  CreateUserMappingStmt: (draft: Draft, node: NodeOf<'CreateUserMappingStmt'>, definition: string | null) => {
    const of = node.servername ?? '';
    const name = `${node.user?.rolename ?? 'public'} ${of}`;
    createOther(draft, { kind: 'user mapping', name, definition, of }, { ifNotExists: node.if_not_exists === true });
  },
  DropUserMappingStmt: (draft: Draft, node: NodeOf<'DropUserMappingStmt'>) => {
    const key = otherKey('user mapping', null, `${node.user?.rolename ?? 'public'} ${node.servername ?? ''}`);
    draft.others = draft.others.delete(key);
  },
  CreatePLangStmt: (draft: Draft, node: NodeOf<'CreatePLangStmt'>, definition: string | null) => {
    // One that an extension has brought stays the extension's.
    if (node.replace === true && draft.extensions.has(node.plname ?? '')) return;
    createOther(draft, { kind: 'language', name: node.plname ?? '', definition }, { replace: node.replace === true });
  },
  CreateAmStmt: (draft: Draft, node: NodeOf<'CreateAmStmt'>, definition: string | null) => {
    createOther(draft, { kind: 'access method', name: node.amname ?? '', definition });
  },
  CreateTransformStmt: (draft: Draft, node: NodeOf<'CreateTransformStmt'>, definition: string | null) => {
    const name = `${typeText(resolveType(draft, node.type_name))} ${node.lang ?? ''}`;
    createOther(draft, { kind: 'transform', name, definition }, { replace: node.replace === true });
  },
  CreateConversionStmt: (draft: Draft, node: NodeOf<'CreateConversionStmt'>, definition: string | null) => {
    const { schema, name } = nameOf(node.conversion_name);
    createOther(draft, { kind: 'conversion', schema: creationSchema(draft, schema), name, definition });
  },
  CreateOpClassStmt: (draft: Draft, node: NodeOf<'CreateOpClassStmt'>, definition: string | null) => {
    const { schema: written, name } = nameOf(node.opclassname);
    const schema = creationSchema(draft, written);
    const suffix = ` USING ${node.amname ?? ''}`;
    // Without FAMILY it makes a family of its own name.
    if (node.opfamilyname === undefined) {
      createOther(draft, { kind: 'operator family', schema, name: name + suffix }, { ifNotExists: true });
    }
    const uses = usesOf(draft, { typeName: node.datatype });
    const family = node.opfamilyname === undefined ? name : nameOf(node.opfamilyname).name;
    createOther(draft, {
      kind: 'operator class',
      schema,
      name: name + suffix,
      definition,
      uses,
      of: family + suffix,
    });
  },
  CreateOpFamilyStmt: (draft: Draft, node: NodeOf<'CreateOpFamilyStmt'>, definition: string | null) => {
    const { schema, name } = nameOf(node.opfamilyname);
    const full = `${name} USING ${node.amname ?? ''}`;
    createOther(draft, { kind: 'operator family', schema: creationSchema(draft, schema), name: full, definition });
  },
  AlterForeignServerStmt: (draft: Draft, node: NodeOf<'AlterForeignServerStmt'>, text: string | null) => {
    alterOther(draft, 'server', { schema: undefined, name: node.servername ?? '' }, text);
  },
  AlterFdwStmt: (draft: Draft, node: NodeOf<'AlterFdwStmt'>, text: string | null) => {
    alterOther(draft, 'foreign data wrapper', { schema: undefined, name: node.fdwname ?? '' }, text);
  },
  AlterUserMappingStmt: (draft: Draft, node: NodeOf<'AlterUserMappingStmt'>, text: string | null) => {
    const name = `${node.user?.rolename ?? 'public'} ${node.servername ?? ''}`;
    alterOther(draft, 'user mapping', { schema: undefined, name }, text);
  },
  AlterEventTrigStmt: (draft: Draft, node: NodeOf<'AlterEventTrigStmt'>, text: string | null) => {
    alterOther(draft, 'event trigger', { schema: undefined, name: node.trigname ?? '' }, text);
  },
  AlterTSConfigurationStmt: (draft: Draft, node: NodeOf<'AlterTSConfigurationStmt'>, text: string | null) => {
    alterOther(draft, 'text search configuration', nameOf(node.cfgname), text);
  },
  AlterTSDictionaryStmt: (draft: Draft, node: NodeOf<'AlterTSDictionaryStmt'>, text: string | null) => {
    alterOther(draft, 'text search dictionary', nameOf(node.dictname), text);
  },
  AlterOperatorStmt: (draft: Draft, node: NodeOf<'AlterOperatorStmt'>, text: string | null) => {
    const written =
      node.opername === undefined
        ? { schema: undefined, name: '' }
        : objectName(draft, 'operator', { ObjectWithArgs: node.opername });
    alterOther(draft, 'operator', written, text);
  },
  AlterOpFamilyStmt: (draft: Draft, node: NodeOf<'AlterOpFamilyStmt'>, text: string | null) => {
    const { schema, name } = nameOf(node.opfamilyname);
    alterOther(draft, 'operator family', { schema, name: `${name} USING ${node.amname ?? ''}` }, text);
  },
  AlterPublicationStmt: (draft: Draft, node: NodeOf<'AlterPublicationStmt'>, text: string | null) => {
    const key = otherKey('publication', null, node.pubname ?? '');
    const before = draft.others.get(key);
    if (before === undefined) throw new Unknown(`publication ${node.pubname ?? ''}`);
    // Columns, conditions and schemas stand in the statement alone.
    const isPlain = node.options === undefined && (node.pubobjects ?? []).every(isPlainTable);
    if (!isPlain) alterOther(draft, 'publication', { schema: undefined, name: before.name }, text);
    if (node.pubobjects === undefined) return;
    const named = publicationRelations(draft, node.pubobjects);
    const relations =
      node.action === 'AP_AddObjects'
        ? [...before.relations, ...named]
        : node.action === 'AP_DropObjects'
          ? before.relations.filter((id) => !named.includes(id))
          : named;
    putOther(draft, { ...(draft.others.get(key) ?? before), relations });
  },
};

/** What only the statement itself tells: it is kept behind the one that made the object. */
function alterOther(draft: Draft, kind: string, written: Name, text: string | null): void {
  for (const [key, other] of draft.others) {
    if (other.kind !== kind || other.name !== written.name) continue;
    if (written.schema !== undefined && written.schema !== other.schema) continue;
    const definition =
      other.definition === null || text === null ? null : `${other.definition.replace(/;\s*$/, '')};\n${text}`;
    draft.others = draft.others.set(key, { ...other, definition });
    return;
  }
  if (!isSystemSchema(written.schema ?? '')) throw new Unknown(`${kind} ${nameText(written)}`);
}

/** Without a list of columns, a condition, or a schema around it. */
function isPlainTable(node: Node): boolean {
  const table = 'PublicationObjSpec' in node ? node.PublicationObjSpec.pubtable : undefined;
  return table !== undefined && table.columns === undefined && table.whereClause === undefined;
}

type NodeOf<K extends string> = Extract<Node, Record<K, unknown>>[K & keyof Extract<Node, Record<K, unknown>>];

function publicationRelations(draft: Draft, nodes: readonly Node[] | undefined): number[] {
  return (nodes ?? []).flatMap((node) => {
    const relation = 'PublicationObjSpec' in node ? node.PublicationObjSpec.pubtable?.relation : undefined;
    if (relation === undefined) return [];
    const { schema, name } = nameOfRangeVar(relation);
    const found = resolveRelation(draft, schema, name);
    if (found === undefined) {
      missRelation(draft, { schema, name });
      return [];
    }
    // Partitions come with their root; inheritance children are added one by one (OpenTableList()).
    const adds = isTable(found) && found.kind !== 'partitioned table' && relation.inh === true;
    return adds ? [found.id, ...descendants(draft, found).map(({ id }) => id)] : [found.id];
  });
}

/** CREATE OPERATOR, COLLATION, TEXT SEARCH …: DefineStmt. Aggregates and base types are made elsewhere. */
export function defineOther(draft: Draft, node: NodeOf<'DefineStmt'>, definition: string | null): void {
  const kind = OTHER_KINDS[node.kind ?? ''];
  if (kind === undefined) return;
  const { schema: written, name } = nameOf(node.defnames);
  const schema = creationSchema(draft, written);
  const ifNotExists = node.if_not_exists === true;
  if (kind !== 'operator') {
    createOther(draft, { kind, schema, name, definition }, { ifNotExists });
    return;
  }
  const options = definitions(node.definition);
  const side = (option: string): string => {
    const argument = options.find(({ defname }) => defname?.toLowerCase() === option)?.arg;
    return argument !== undefined && 'TypeName' in argument ? typeText(resolveType(draft, argument.TypeName)) : 'none';
  };
  const called = options.find(({ defname }) => /^(?:function|procedure)$/i.test(defname ?? ''))?.arg;
  const implementation = called !== undefined && 'TypeName' in called ? nameOf(called.TypeName.names) : null;
  const uses =
    implementation === null
      ? []
      : resolveFunctions(draft, implementation.schema, implementation.name).map(({ id }) => id);
  createOther(draft, { kind, schema, name: `${name}(${side('leftarg')}, ${side('rightarg')})`, definition, uses });
}
