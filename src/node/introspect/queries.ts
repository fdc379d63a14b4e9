/**
 * The catalog queries: few and large, each with a plain sequential plan, so that a database with thousands of tables is
 * read in well under a second. Columns that only some majors have are read through `to_jsonb`, so that one text serves
 * 14 to 18. https://www.postgresql.org/docs/current/catalogs.html
 */

/** Schemas that people make; `n` is pg_namespace. */
const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** An ACL as [grantee, privilege, grantable], the owner's own left out; NULL becomes the default of its kind. */
function acl(column: string, owner: string, kind: string): string {
  return `(SELECT json_agg(json_build_array(CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END,
      a.privilege_type, a.is_grantable) ORDER BY a.grantee, a.privilege_type)
    FROM aclexplode(coalesce(${column}, acldefault('${kind}', ${owner}))) a WHERE a.grantee <> ${owner})`;
}

/** Made by the server as a part of something else: a range type's constructors. */
function internal(table: string, oid: string): string {
  return `EXISTS (SELECT 1 FROM pg_depend i WHERE i.classid = '${table}'::regclass AND i.objid = ${oid} AND i.deptype = 'i')`;
}

/** Comments of what people made, and of schemas, which may be as old as the database. */
export const COMMENTS = `SELECT classoid::regclass::text AS class, objoid::text AS oid, objsubid AS sub, description
  FROM pg_description WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass`;

/** Objects that belong to an extension. */
export const MEMBERS = `SELECT d.classid::regclass::text AS class, d.objid::text AS oid, e.extname AS extension
  FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'`;

export const SCHEMAS = `SELECT n.oid::text, n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner,
    ${acl('n.nspacl', 'n.nspowner', 'n')} AS acl
  FROM pg_namespace n WHERE ${OURS}`;

export const EXTENSIONS = `SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace`;

/** All types, those of the system too: columns are made of them. */
export const TYPES = `SELECT t.oid::text, t.typname AS name, n.nspname AS schema, t.typtype AS kind, t.typrelid::text AS relation,
    CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc AND t.typelem <> 0 THEN t.typelem::text END AS element,
    t.typstorage AS storage, t.typcollation::text AS collation, t.typisdefined AS defined
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace`;

export const USER_TYPES = `SELECT t.oid::text, t.typname AS name, n.nspname AS schema, t.typtype AS kind,
    t.typisdefined AS defined, pg_get_userbyid(t.typowner) AS owner, ${acl('t.typacl', 't.typowner', 'T')} AS acl,
    t.typbasetype::text AS base, CASE WHEN t.typtypmod >= 0 THEN format_type(t.typbasetype, t.typtypmod) END AS formatted,
    t.typnotnull AS "notNull", t.typdefault AS "default",
    (SELECT c.collname FROM pg_collation c JOIN pg_type b ON b.oid = t.typbasetype
      WHERE c.oid = t.typcollation AND t.typcollation <> b.typcollation) AS collation,
    (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels,
    r.rngsubtype::text AS subtype, m.typname AS multirange
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_type m ON m.oid = r.rngmultitypid
  WHERE ${OURS} AND t.typtype IN ('e', 'd', 'r', 'b', 'p') AND t.typrelid = 0
    AND NOT (t.typtype = 'b' AND t.typsubscript = 'array_subscript_handler'::regproc AND t.typelem <> 0)`;

export const RELATIONS = `SELECT c.oid::text, c.relname AS name, n.nspname AS schema, c.relkind AS kind, c.reltype::text AS "rowType",
    c.relpersistence AS persistence, pg_get_userbyid(c.relowner) AS owner,
    CASE WHEN c.relkind = 'c' THEN ${acl('rt.typacl', 'c.relowner', 'T')}
      WHEN c.relkind NOT IN ('i', 'I') AND c.relacl IS NOT NULL THEN ${acl('c.relacl', 'c.relowner', 'r')} END AS acl,
    c.reloptions AS options, t.reloptions AS "toastOptions", s.spcname AS tablespace,
    CASE WHEN am.amname <> 'heap' THEN am.amname END AS "accessMethod",
    c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS "forceRowSecurity", c.relreplident AS "replicaIdentity",
    (SELECT o.typrelid::text FROM pg_type o WHERE o.oid = c.reloftype) AS "ofType",
    c.relispopulated AS populated, c.relnatts AS columns,
    p.partstrat AS strategy, p.partattrs::text AS "partitionColumns",
    CASE WHEN c.relispartition AND c.relkind IN ('r', 'p', 'f') THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
    (SELECT f.srvname FROM pg_foreign_table ft JOIN pg_foreign_server f ON f.oid = ft.ftserver WHERE ft.ftrelid = c.oid) AS server,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_am am ON am.oid = c.relam AND c.relkind IN ('r', 'p', 'm')
  LEFT JOIN pg_type rt ON rt.oid = c.reltype
  LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
  WHERE ${OURS} AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'i', 'I', 'c') ORDER BY c.oid`;

export const COLUMNS = `SELECT a.attrelid::text AS relation, a.attnum AS number, a.attname AS name, a.atttypid::text AS type,
    CASE WHEN a.atttypmod >= 0 THEN format_type(a.atttypid, a.atttypmod) END AS formatted, a.atttypmod AS modifier,
    a.attnotnull AS "notNull", d.oid::text AS "defaultOid", pg_get_expr(d.adbin, d.adrelid) AS "default",
    a.attgenerated AS generated, a.attidentity AS identity,
    CASE WHEN a.attcollation <> t.typcollation THEN (SELECT c.collname FROM pg_collation c WHERE c.oid = a.attcollation) END AS collation,
    CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage,
    a.attcompression AS compression, a.attstattarget AS statistics, a.attoptions AS options,
    CASE WHEN a.attacl IS NOT NULL THEN ${acl('a.attacl', 'r.relowner', 'c')} END AS acl,
    a.attislocal AS local, a.attinhcount AS "inheritCount"
  FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE ${OURS} AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
  ORDER BY a.attrelid, a.attnum`;

/** Without the rows that a foreign key to a partitioned table has for each partition referred to: they are the key's own. */
export const CONSTRAINTS = `SELECT c.oid::text, c.conname AS name, c.contype AS kind, c.conrelid::text AS relation, c.contypid::text AS type,
    c.condeferrable AS deferrable, c.condeferred AS deferred, c.convalidated AS validated,
    coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) AS enforced,
    coalesce((to_jsonb(c) ->> 'conperiod')::boolean, false) AS period,
    c.connoinherit AS "noInherit", c.conislocal AS local, c.coninhcount AS "inheritCount",
    CASE WHEN c.conparentid <> 0 THEN c.conparentid::text END AS parent,
    c.conkey AS columns, c.confrelid::text AS referenced, c.confkey AS "referencedColumns", c.conindid::text AS index,
    c.confmatchtype AS match, c.confupdtype AS "onUpdate", c.confdeltype AS "onDelete",
    CASE WHEN jsonb_typeof(to_jsonb(c) -> 'confdelsetcols') = 'array' THEN to_jsonb(c) -> 'confdelsetcols' END AS "setColumns",
    CASE WHEN c.contype IN ('c', 'x') THEN pg_get_constraintdef(c.oid) END AS definition
  FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
  LEFT JOIN pg_constraint p ON p.oid = c.conparentid
  WHERE ${OURS} AND c.contype IN ('c', 'f', 'p', 'u', 'x', 'n') AND (c.contype <> 'f' OR p.conrelid IS DISTINCT FROM c.conrelid)
  ORDER BY c.oid`;

export const INDEXES = `SELECT i.indexrelid::text AS oid, i.indrelid::text AS "table", i.indisunique AS "unique", i.indisvalid AS valid,
    i.indisclustered AS clustered, i.indisreplident AS "replicaIdentity", am.amname AS method,
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsNotDistinct",
    i.indnkeyatts AS "keyCount", i.indkey::text AS keys, i.indoption::text AS orders,
    (SELECT json_agg(CASE WHEN o.opcdefault THEN NULL ELSE o.opcname END ORDER BY k.at)
      FROM unnest(i.indclass::oid[]) WITH ORDINALITY k(oid, at) JOIN pg_opclass o ON o.oid = k.oid) AS classes,
    (SELECT json_agg(CASE WHEN k.oid = 0 OR k.oid = a.attcollation OR (a.attnum IS NULL AND k.oid = 100)
        THEN NULL ELSE c.collname END ORDER BY k.at)
      FROM unnest(i.indcollation::oid[]) WITH ORDINALITY k(oid, at)
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.at - 1] AND a.attnum > 0
      LEFT JOIN pg_collation c ON c.oid = k.oid) AS collations,
    pg_get_expr(i.indpred, i.indrelid) AS predicate,
    CASE WHEN i.indexprs IS NOT NULL THEN (SELECT json_agg(pg_get_indexdef(i.indexrelid, g, false) ORDER BY g)
      FROM generate_series(1, i.indnkeyatts) g) END AS expressions
  FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  JOIN pg_am am ON am.oid = r.relam WHERE ${OURS} ORDER BY i.indexrelid`;

/** Clones in partitions were marked as internal up to 14. */
export const TRIGGERS = `SELECT t.oid::text, t.tgname AS name, t.tgrelid::text AS relation, t.tgtype AS type, t.tgenabled AS enabled,
    t.tgfoid::text AS function, t.tgconstraint <> 0 AS "constraint", t.tgattr::text AS columns,
    CASE WHEN t.tgparentid <> 0 THEN t.tgparentid::text END AS parent, pg_get_triggerdef(t.oid) AS definition
  FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  WHERE ${OURS} AND (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0)) ORDER BY t.oid`;

export const POLICIES = `SELECT p.oid::text, p.polname AS name, p.polrelid::text AS relation, p.polcmd AS command, p.polpermissive AS permissive,
    (SELECT json_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r) END) FROM unnest(p.polroles) r) AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS "using", pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
  FROM pg_policy p JOIN pg_class r ON r.oid = p.polrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  WHERE ${OURS} ORDER BY p.oid`;

export const RULES = `SELECT w.oid::text, w.rulename AS name, w.ev_class::text AS relation, w.ev_enabled AS enabled,
    CASE WHEN w.rulename <> '_RETURN' THEN pg_get_ruledef(w.oid) END AS definition
  FROM pg_rewrite w JOIN pg_class r ON r.oid = w.ev_class JOIN pg_namespace n ON n.oid = r.relnamespace
  WHERE ${OURS} ORDER BY w.oid`;

export const INHERITANCE = `SELECT i.inhrelid::text AS child, i.inhparent::text AS parent FROM pg_inherits i ORDER BY i.inhrelid, i.inhseqno`;

export const SEQUENCES = `SELECT s.seqrelid::text AS oid, s.seqtypid::regtype::text AS type, format_type(s.seqtypid, NULL) AS "typeName",
    t.typname AS "dataType", s.seqstart::text AS start, s.seqincrement::text AS increment, s.seqmin::text AS minimum,
    s.seqmax::text AS maximum, s.seqcache::text AS cache, s.seqcycle AS cycle,
    d.refobjid::text AS "ownerRelation", d.refobjsubid AS "ownerColumn", d.deptype = 'i' AS internal
  FROM pg_sequence s JOIN pg_class r ON r.oid = s.seqrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  JOIN pg_type t ON t.oid = s.seqtypid
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  WHERE ${OURS}`;

export const FUNCTIONS = `SELECT p.oid::text, p.proname AS name, n.nspname AS schema, p.prokind AS kind, l.lanname AS language,
    p.provolatile AS volatility, p.proisstrict AS strict, p.proleakproof AS leakproof, p.proparallel AS parallel,
    p.prosecdef AS "securityDefiner", p.proconfig AS settings, p.prorettype::text AS returns, p.proretset AS "returnsSet",
    p.proargtypes::oid[]::text[] AS "inputTypes", p.proallargtypes::text[] AS "allTypes", p.proargmodes::text[] AS modes,
    p.proargnames AS names, p.pronargdefaults AS defaults, p.pronargs AS inputs, p.provariadic <> 0 AS variadic,
    pg_get_userbyid(p.proowner) AS owner, ${acl('p.proacl', 'p.proowner', 'f')} AS acl,
    CASE WHEN to_jsonb(p) ->> 'prosqlbody' IS NULL AND p.probin IS NULL AND p.prokind <> 'a' THEN p.prosrc END AS body,
    CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE ${OURS} AND NOT ${internal('pg_proc', 'p.oid')} ORDER BY p.oid`;

/** What expressions, queries and signatures hang on, of what people made. */
export const DEPENDENCIES = `SELECT d.classid::regclass::text AS class, d.objid::text AS oid, d.refclassid::regclass::text AS "onClass",
    d.refobjid::text AS "onOid", d.refobjsubid AS "onColumn"
  FROM pg_depend d
  WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a')
    AND d.classid IN ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_class'::regclass, 'pg_rewrite'::regclass,
      'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass, 'pg_cast'::regclass, 'pg_event_trigger'::regclass,
      'pg_statistic_ext'::regclass)
    AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)`;

export const OTHERS = `
  SELECT 'pg_cast' AS class, c.oid::text, 'cast' AS kind, NULL::text AS schema, format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) AS name,
    c.castsource::text AS a, c.casttarget::text AS b, NULL::text AS owner, NULL::json AS relations FROM pg_cast c WHERE c.oid >= 16384 AND NOT ${internal('pg_cast', 'c.oid')}
  UNION ALL SELECT 'pg_event_trigger', e.oid::text, 'event trigger', NULL, e.evtname, NULL, NULL, pg_get_userbyid(e.evtowner), NULL FROM pg_event_trigger e
  UNION ALL SELECT 'pg_publication', p.oid::text, 'publication', NULL, p.pubname, NULL, NULL, pg_get_userbyid(p.pubowner),
    (SELECT json_agg(r.prrelid::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid) FROM pg_publication p
  UNION ALL SELECT 'pg_subscription', s.oid::text, 'subscription', NULL, s.subname, NULL, NULL, pg_get_userbyid(s.subowner), NULL
    FROM pg_subscription s WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT 'pg_foreign_data_wrapper', f.oid::text, 'foreign data wrapper', NULL, f.fdwname, NULL, NULL, pg_get_userbyid(f.fdwowner), NULL FROM pg_foreign_data_wrapper f
  UNION ALL SELECT 'pg_foreign_server', s.oid::text, 'server', NULL, s.srvname, w.fdwname, NULL, pg_get_userbyid(s.srvowner), NULL FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
  UNION ALL SELECT 'pg_user_mapping', u.umid::text, 'user mapping', NULL, CASE WHEN u.umuser = 0 THEN 'public' ELSE u.usename END || ' ' || u.srvname, u.srvname, NULL, NULL, NULL FROM pg_user_mappings u
  UNION ALL SELECT 'pg_language', l.oid::text, 'language', NULL, l.lanname, NULL, NULL, pg_get_userbyid(l.lanowner), NULL FROM pg_language l WHERE l.oid >= 16384
  UNION ALL SELECT 'pg_am', a.oid::text, 'access method', NULL, a.amname, NULL, NULL, NULL, NULL FROM pg_am a WHERE a.oid >= 16384
  UNION ALL SELECT 'pg_transform', t.oid::text, 'transform', NULL, l.lanname, t.trftype::text, NULL, NULL, NULL FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
  UNION ALL SELECT 'pg_operator', o.oid::text, 'operator', n.nspname, o.oprname, o.oprleft::text, o.oprright::text, pg_get_userbyid(o.oprowner), NULL FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE ${OURS} AND o.oprcode <> 0
  UNION ALL SELECT 'pg_opclass', o.oid::text, 'operator class', n.nspname, o.opcname || ' USING ' || a.amname, f.opfname || ' USING ' || a.amname, NULL, pg_get_userbyid(o.opcowner), NULL FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am a ON a.oid = o.opcmethod JOIN pg_opfamily f ON f.oid = o.opcfamily WHERE ${OURS}
  UNION ALL SELECT 'pg_opfamily', o.oid::text, 'operator family', n.nspname, o.opfname || ' USING ' || a.amname, NULL, NULL, pg_get_userbyid(o.opfowner), NULL FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace JOIN pg_am a ON a.oid = o.opfmethod WHERE ${OURS}
  UNION ALL SELECT 'pg_collation', c.oid::text, 'collation', n.nspname, c.collname, NULL, NULL, pg_get_userbyid(c.collowner), NULL FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${OURS}
  UNION ALL SELECT 'pg_conversion', c.oid::text, 'conversion', n.nspname, c.conname, NULL, NULL, pg_get_userbyid(c.conowner), NULL FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${OURS}
  UNION ALL SELECT 'pg_ts_config', c.oid::text, 'text search configuration', n.nspname, c.cfgname, NULL, NULL, pg_get_userbyid(c.cfgowner), NULL FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE ${OURS}
  UNION ALL SELECT 'pg_ts_dict', c.oid::text, 'text search dictionary', n.nspname, c.dictname, NULL, NULL, pg_get_userbyid(c.dictowner), NULL FROM pg_ts_dict c JOIN pg_namespace n ON n.oid = c.dictnamespace WHERE ${OURS}
  UNION ALL SELECT 'pg_ts_parser', c.oid::text, 'text search parser', n.nspname, c.prsname, NULL, NULL, NULL, NULL FROM pg_ts_parser c JOIN pg_namespace n ON n.oid = c.prsnamespace WHERE ${OURS}
  UNION ALL SELECT 'pg_ts_template', c.oid::text, 'text search template', n.nspname, c.tmplname, NULL, NULL, NULL, NULL FROM pg_ts_template c JOIN pg_namespace n ON n.oid = c.tmplnamespace WHERE ${OURS}
  UNION ALL SELECT 'pg_statistic_ext', s.oid::text, 'statistics', n.nspname, s.stxname, NULL, NULL, pg_get_userbyid(s.stxowner), json_build_array(s.stxrelid::text) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${OURS}`;

export const DEFAULT_PRIVILEGES = `SELECT pg_get_userbyid(d.defaclrole) AS role, n.nspname AS schema, d.defaclobjtype AS objects,
    (SELECT json_agg(json_build_array(CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable))
      FROM aclexplode(d.defaclacl) a WHERE a.grantee <> d.defaclrole) AS acl
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`;
