import type { Client } from 'pg';
import type { SchemaDifference } from '../../core/report/rollbackTest.ts';

/**
 * A schema as the server itself prints it: object by object, property by property. Two snapshots are equal exactly when
 * no user could tell the schemas apart, but for the order of columns, which is a property of its own.
 *
 * Why not the introspected catalog: that holds what Lockkeeper knows of, and a test must not share its blind spots.
 */
export type SchemaSnapshot = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The property that tells columns in another order; all others are real differences. */
export const COLUMN_ORDER = 'column order';

/** Reads everything that users made; members of extensions, temporary objects and the system's own are left out. */
export async function schemaSnapshot(client: Client): Promise<SchemaSnapshot> {
  const snapshot = new Map<string, Record<string, string>>();
  // So that every name is printed with its schema, whatever the session's search_path.
  const { rows } = await client.query<{ path: string }>(
    "SELECT current_setting('search_path') AS path, set_config('search_path', 'pg_catalog', false)",
  );
  try {
    const found = await client.query<{ object: string; properties: Record<string, string | null> }>(ALL);
    for (const { object, properties } of found.rows) {
      const known = snapshot.get(object) ?? {};
      for (const name in properties) if (properties[name] != null) known[name] = properties[name];
      snapshot.set(object, known);
    }
  } finally {
    // In a transaction that the server has given up nothing can be restored; the first error is the one to show.
    await client.query("SELECT set_config('search_path', $1, false)", [rows[0]?.path ?? '']).catch(() => undefined);
  }
  return snapshot;
}

/** Object by object; empty when the schemas are the same. */
export function compareSnapshots(before: SchemaSnapshot, after: SchemaSnapshot): readonly SchemaDifference[] {
  const differences: SchemaDifference[] = [];
  for (const object of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const was = before.get(object);
    const is = after.get(object);
    if (was === undefined || is === undefined) {
      const [there, gone] = ['there', null];
      differences.push({
        object,
        property: 'existence',
        before: was === undefined ? gone : there,
        after: is === undefined ? gone : there,
      });
      continue;
    }
    for (const property of [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()) {
      if (was[property] === is[property]) continue;
      differences.push({ object, property, before: was[property] ?? null, after: is[property] ?? null });
    }
  }
  return differences;
}

/** Schemas of users. */
const USER_SCHEMA = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** Not made by an extension. */
const OWN = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;

/** Rights as a sorted list, those that come by default too, so that "none written down" equals "the default written down". */
const RIGHTS = (acl: string, type: string, owner: string) => `(
  SELECT string_agg(format('%s %s%s', CASE WHEN a.grantee = 0 THEN 'public' ELSE a.grantee::regrole::text END,
    a.privilege_type, CASE WHEN a.is_grantable THEN ' with grant option' END), ', ' ORDER BY a.grantee, a.privilege_type)
  FROM aclexplode(coalesce(${acl}, acldefault(${type}, ${owner}))) a)`;

const COMMENT = (catalog: string, oid: string, sub = '0') =>
  `(SELECT d.description FROM pg_description d WHERE d.classoid = '${catalog}'::regclass AND d.objoid = ${oid} AND d.objsubid = ${sub})`;

/** `'x'::text` and `'x'::character varying` are the same default of one column: which it is, its history tells, not its behaviour. */
const PLAIN_LITERAL = (expression: string) =>
  `regexp_replace(${expression}, '^(''([^'']|'''')*'')(::[a-z0-9_ ."()]+(\\[\\])*)+$', '\\1')`;

const KIND = `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'f' THEN 'foreign table' WHEN 'v' THEN 'view'
  WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' ELSE 'index' END`;
const NAME = `format('%I.%I', n.nspname, c.relname)`;

const QUERIES: readonly string[] = [
  `SELECT 'schema ' || quote_ident(n.nspname) AS object, jsonb_build_object('owner', n.nspowner::regrole::text,
     'rights', ${RIGHTS('n.nspacl', `'n'`, 'n.nspowner')}, 'comment', ${COMMENT('pg_namespace', 'n.oid')}) AS properties
   FROM pg_namespace n WHERE ${USER_SCHEMA} AND ${OWN('pg_namespace', 'n.oid')}`,

  `SELECT ${KIND} || ' ' || ${NAME} AS object, jsonb_build_object(
     'kind', c.relkind::text, 'owner', c.relowner::regrole::text, 'persistence', c.relpersistence::text,
     'rights', CASE WHEN c.relkind IN ('i', 'I', 'c') THEN NULL ELSE ${RIGHTS('c.relacl', `CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"`, 'c.relowner')} END,
     'options', (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o),
     'tablespace', (SELECT spcname::text FROM pg_tablespace t WHERE t.oid = c.reltablespace),
     'row security', c.relrowsecurity::text, 'forced row security', c.relforcerowsecurity::text,
     'replica identity', CASE WHEN c.relkind IN ('r', 'p', 'm') THEN c.relreplident::text || coalesce((SELECT ' ' || x.indexrelid::regclass::text
        FROM pg_index x WHERE x.indrelid = c.oid AND x.indisreplident), '') END,
     'access method', (SELECT amname::text FROM pg_am WHERE pg_am.oid = c.relam),
     'clustered on', (SELECT x.indexrelid::regclass::text FROM pg_index x WHERE x.indrelid = c.oid AND x.indisclustered),
     'partition key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
     'partition bound', pg_get_expr(c.relpartbound, c.oid),
     'parents', (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
     'query', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
     'populated', CASE WHEN c.relkind = 'm' THEN c.relispopulated::text END,
     'typed as', CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END,
     '${COLUMN_ORDER}', CASE WHEN c.relkind NOT IN ('i', 'I', 'S') THEN (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END,
     'comment', ${COMMENT('pg_class', 'c.oid')}) AS properties
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER_SCHEMA} AND c.relkind <> 't' AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT 'column ' || ${NAME} || '.' || quote_ident(a.attname) AS object, jsonb_build_object(
     'type', format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull::text,
     'default', (SELECT ${PLAIN_LITERAL('pg_get_expr(d.adbin, d.adrelid)')} FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
     'identity', a.attidentity::text, 'generated', a.attgenerated::text,
     'collation', (SELECT o.collname::text FROM pg_collation o, pg_type t WHERE o.oid = a.attcollation AND t.oid = a.atttypid AND t.typcollation <> a.attcollation),
     'storage', a.attstorage::text, 'compression', a.attcompression::text, 'statistics', coalesce(a.attstattarget, -1)::text,
     'options', (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver='),
     'rights', ${RIGHTS('a.attacl', `'c'`, 'c.relowner')},
     'local', a.attislocal::text, 'inherited from', a.attinhcount::text,
     'comment', ${COMMENT('pg_class', 'c.oid', 'a.attnum')}) AS properties
   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${USER_SCHEMA} AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND a.attnum > 0 AND NOT a.attisdropped AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT 'constraint ' || quote_ident(k.conname) || ' on ' || coalesce(k.conrelid::regclass::text, k.contypid::regtype::text) AS object,
     jsonb_build_object('definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated::text,
     'local', k.conislocal::text, 'inherited from', k.coninhcount::text, 'no inherit', k.connoinherit::text,
     'comment', ${COMMENT('pg_constraint', 'k.oid')}) AS properties
   FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
   WHERE ${USER_SCHEMA} AND (k.conrelid <> 0 OR k.contypid <> 0) AND k.contype <> 't' AND ${OWN('pg_class', 'k.conrelid')} AND ${OWN('pg_type', 'k.contypid')}`,

  `SELECT 'index ' || ${NAME} AS object, jsonb_build_object('definition', pg_get_indexdef(c.oid), 'valid', x.indisvalid::text,
     'constraint', (SELECT string_agg(k.conname::text, ', ') FROM pg_constraint k WHERE k.conrelid = x.indrelid AND k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))) AS properties
   FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_class', 'x.indrelid')}`,

  `SELECT 'sequence ' || ${NAME} AS object, jsonb_build_object('parameters', format('as %s start %s increment %s min %s max %s cache %s cycle %s',
       s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle),
     'owned by', (SELECT string_agg(format('%s.%s %s', d.refobjid::regclass, a.attname, d.deptype), ', ')
        FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))) AS properties
   FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT 'type ' || format('%I.%I', n.nspname, t.typname) AS object, jsonb_build_object('kind', t.typtype::text, 'owner', t.typowner::regrole::text,
     'rights', ${RIGHTS('t.typacl', `'T'`, 't.typowner')},
     'values', (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
     'base type', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, 'not null', t.typnotnull::text, 'default', t.typdefault,
     'collation', CASE WHEN t.typtype = 'd' THEN (SELECT o.collname::text FROM pg_collation o WHERE o.oid = t.typcollation) END,
     'subtype', (SELECT format('%s %s', r.rngsubtype::regtype, r.rngmultitypid::regtype) FROM pg_range r WHERE r.rngtypid = t.oid),
     'comment', ${COMMENT('pg_type', 't.oid')}) AS properties
   FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${USER_SCHEMA} AND t.typtype IN ('e', 'd', 'r', 'm', 'b')
     AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) AND ${OWN('pg_type', 't.oid')}`,

  `SELECT 'function ' || p.oid::regprocedure::text AS object, jsonb_build_object('kind', p.prokind::text, 'owner', p.proowner::regrole::text,
     'rights', ${RIGHTS('p.proacl', `'f'`, 'p.proowner')},
     'definition', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE
       (SELECT format('%s %s %s %s %s %s', g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggtranstype::regtype, g.agginitval, g.aggsortop) FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END,
     'comment', ${COMMENT('pg_proc', 'p.oid')}) AS properties
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_proc', 'p.oid')}`,

  `SELECT 'trigger ' || quote_ident(g.tgname) || ' on ' || g.tgrelid::regclass::text AS object, jsonb_build_object(
     'definition', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled::text, 'cloned', (g.tgparentid <> 0)::text, 'comment', ${COMMENT('pg_trigger', 'g.oid')}) AS properties
   FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER_SCHEMA} AND NOT g.tgisinternal AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT 'policy ' || quote_ident(p.polname) || ' on ' || p.polrelid::regclass::text AS object, jsonb_build_object('command', p.polcmd::text,
     'permissive', p.polpermissive::text, 'roles', (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE r::regrole::text END, ', ' ORDER BY r) FROM unnest(p.polroles) r),
     'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid), 'comment', ${COMMENT('pg_policy', 'p.oid')}) AS properties
   FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT 'rule ' || quote_ident(r.rulename) || ' on ' || r.ev_class::regclass::text AS object, jsonb_build_object(
     'definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled::text, 'comment', ${COMMENT('pg_rewrite', 'r.oid')}) AS properties
   FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${USER_SCHEMA} AND r.rulename <> '_RETURN' AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT 'extension ' || quote_ident(x.extname) AS object, jsonb_build_object('version', x.extversion, 'schema', x.extnamespace::regnamespace::text) AS properties
   FROM pg_extension x`,

  `SELECT 'default rights of ' || format('%s in %s on %s', d.defaclrole::regrole, CASE WHEN d.defaclnamespace = 0 THEN 'all schemas' ELSE d.defaclnamespace::regnamespace::text END, d.defaclobjtype) AS object,
     jsonb_build_object('rights', (SELECT string_agg(format('%s %s%s', CASE WHEN a.grantee = 0 THEN 'public' ELSE a.grantee::regrole::text END, a.privilege_type,
       CASE WHEN a.is_grantable THEN ' with grant option' END), ', ' ORDER BY a.grantee, a.privilege_type) FROM aclexplode(d.defaclacl) a)) AS properties
   FROM pg_default_acl d`,

  `SELECT 'statistics ' || format('%I.%I', n.nspname, s.stxname) AS object, jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid),
     'target', coalesce(s.stxstattarget, -1)::text, 'owner', s.stxowner::regrole::text, 'comment', ${COMMENT('pg_statistic_ext', 's.oid')}) AS properties
   FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${USER_SCHEMA}`,

  `SELECT 'publication ' || quote_ident(p.pubname) AS object, jsonb_build_object('owner', p.pubowner::regrole::text, 'all tables', p.puballtables::text,
     'actions', format('%s %s %s %s %s', p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot),
     'tables', (SELECT string_agg(r.prrelid::regclass::text, ', ' ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid)) AS properties
   FROM pg_publication p`,

  `SELECT 'event trigger ' || quote_ident(t.evtname) AS object, jsonb_build_object('event', t.evtevent::text, 'function', t.evtfoid::regprocedure::text,
     'enabled', t.evtenabled::text, 'tags', array_to_string(t.evttags, ', ')) AS properties FROM pg_event_trigger t WHERE ${OWN('pg_event_trigger', 't.oid')}`,

  `SELECT 'cast ' || format('%s as %s', k.castsource::regtype, k.casttarget::regtype) AS object, jsonb_build_object('function', k.castfunc::regprocedure::text,
     'context', k.castcontext::text, 'method', k.castmethod::text) AS properties FROM pg_cast k WHERE k.oid >= 16384 AND ${OWN('pg_cast', 'k.oid')}`,

  `SELECT 'operator ' || o.oid::regoperator::text AS object, jsonb_build_object('function', o.oprcode::text, 'commutator', o.oprcom::regoperator::text) AS properties
   FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_operator', 'o.oid')}`,

  `SELECT 'operator class ' || format('%I.%I using %s', n.nspname, o.opcname, (SELECT amname FROM pg_am WHERE pg_am.oid = o.opcmethod)) AS object,
     jsonb_build_object('type', o.opcintype::regtype::text, 'default', o.opcdefault::text) AS properties
   FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_opclass', 'o.oid')}`,

  `SELECT 'collation ' || format('%I.%I', n.nspname, l.collname) AS object, jsonb_build_object('provider', l.collprovider::text, 'deterministic', l.collisdeterministic::text) AS properties
   FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_collation', 'l.oid')}`,

  `SELECT 'text search configuration ' || format('%I.%I', n.nspname, f.cfgname) AS object, jsonb_build_object('parser', f.cfgparser::text,
     'mappings', (SELECT string_agg(format('%s %s %s', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ', ' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = f.oid)) AS properties
   FROM pg_ts_config f JOIN pg_namespace n ON n.oid = f.cfgnamespace WHERE ${USER_SCHEMA} AND ${OWN('pg_ts_config', 'f.oid')}`,
];

/** One round trip. */
const ALL = QUERIES.join('\nUNION ALL\n');
