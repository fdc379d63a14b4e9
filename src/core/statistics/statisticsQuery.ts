/**
 * One read-only query of the catalogs whose single cell is the content of `.lockkeeper/statistics/<environment>.json`,
 * to be run by whoever may (a DBA's console will do). PostgreSQL 14 to 18, any role that may connect; columns that the
 * role may not SELECT are left out (pg_stats hides them). It reads no table of the user, and from pg_stats only numbers:
 * most_common_vals and histogram_bounds, which hold values, are not named in it. Its only locks are ACCESS SHARE, for
 * the length of a size function each.
 */
export const STATISTICS_QUERY = `WITH RECURSIVE relation AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
     AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), descent (root, oid) AS (
  SELECT oid, oid FROM relation WHERE relkind = 'p'
  UNION ALL
  SELECT d.root, i.inhrelid FROM descent d JOIN pg_catalog.pg_inherits i ON i.inhparent = d.oid
), leaf (root, oid) AS (
  SELECT oid, oid FROM relation WHERE relkind <> 'p'
  UNION ALL
  SELECT d.root, d.oid FROM descent d JOIN pg_catalog.pg_class c ON c.oid = d.oid WHERE c.relkind = 'r'
), file AS (
  SELECT l.oid, c.relname, c.relnamespace, s.*, pg_catalog.pg_relation_size(l.oid) AS main_bytes,
         pg_catalog.pg_table_size(l.oid) AS table_bytes, pg_catalog.pg_indexes_size(l.oid) AS all_index_bytes,
         c.reltuples, c.relpages
    FROM (SELECT DISTINCT oid FROM leaf) l
    JOIN pg_catalog.pg_class c ON c.oid = l.oid
    LEFT JOIN LATERAL (
      SELECT coalesce(t.n_live_tup, 0) AS live, coalesce(t.n_tup_ins, 0) AS inserted, coalesce(t.n_tup_upd, 0) AS updated,
             coalesce(t.n_tup_del, 0) AS deleted, greatest(t.last_analyze, t.last_autoanalyze) AS analyzed
        FROM pg_catalog.pg_stat_all_tables t WHERE t.relid = l.oid) s ON true
), measured AS (
  SELECT f.*,
         CASE WHEN main_bytes = 0 THEN 0
              WHEN relpages > 0 AND reltuples >= 0
              THEN pg_catalog.round((reltuples::float8 / relpages * main_bytes / pg_catalog.current_setting('block_size')::int)::numeric)
              WHEN live > 0 THEN live END AS tuples
    FROM file f
), shape AS (
  SELECT p.schemaname, p.tablename, p.attname, p.inherited, p.null_frac, p.n_distinct, p.avg_width, p.correlation
    FROM pg_catalog.pg_stats p
), described AS (
  SELECT r.oid, s.attname, s.null_frac::numeric AS nulls, s.n_distinct::numeric AS different, s.avg_width::numeric AS width,
         s.correlation::numeric AS correlation
    FROM relation r JOIN shape s ON s.schemaname = r.nspname AND s.tablename = r.relname AND s.inherited = (r.relkind = 'p')
   WHERE NOT r.relispartition
  UNION ALL
  SELECT r.oid, s.attname,
         pg_catalog.round(sum(s.null_frac::numeric * m.tuples) / sum(m.tuples), 6),
         CASE WHEN min(s.n_distinct) < 0 AND max(s.n_distinct) < 0 THEN pg_catalog.avg(s.n_distinct::numeric) ELSE max(s.n_distinct)::numeric END,
         pg_catalog.round(sum(s.avg_width::numeric * m.tuples) / sum(m.tuples), 1),
         pg_catalog.round(sum(s.correlation::numeric * m.tuples) / sum(m.tuples), 6)
    FROM relation r JOIN leaf l ON l.root = r.oid JOIN measured m ON m.oid = l.oid AND m.tuples > 0
    JOIN pg_catalog.pg_namespace n ON n.oid = m.relnamespace
    JOIN shape s ON s.schemaname = n.nspname AND s.tablename = m.relname AND NOT s.inherited
   WHERE r.relkind = 'p' AND NOT r.relispartition
     AND NOT EXISTS (SELECT FROM shape p WHERE p.schemaname = r.nspname AND p.tablename = r.relname AND p.inherited)
   GROUP BY r.oid, s.attname
), shapes AS (
  SELECT d.oid, pg_catalog.jsonb_object_agg(d.attname, pg_catalog.jsonb_build_object(
           'nullFraction', d.nulls, 'distinct', d.different, 'width', d.width, 'correlation', d.correlation)) AS content
    FROM described d GROUP BY d.oid
), indexed AS (
  SELECT i.indrelid AS oid, pg_catalog.jsonb_object_agg(c.relname, CASE c.relkind WHEN 'i' THEN pg_catalog.pg_relation_size(c.oid) ELSE coalesce((
           WITH RECURSIVE part (oid) AS (
             SELECT c.oid UNION ALL SELECT h.inhrelid FROM part JOIN pg_catalog.pg_inherits h ON h.inhparent = part.oid)
           SELECT sum(pg_catalog.pg_relation_size(part.oid)) FROM part), 0) END) AS content
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN relation r ON r.oid = i.indrelid
   GROUP BY i.indrelid
), totals AS (
  SELECT l.root AS oid, CASE WHEN count(m.oid) = count(m.tuples) THEN sum(m.tuples) END AS tuples,
         sum(m.table_bytes) AS table_bytes, sum(m.all_index_bytes) AS index_bytes, sum(m.inserted) AS inserted,
         sum(m.updated) AS updated, sum(m.deleted) AS deleted, max(m.analyzed) AS analyzed
    FROM leaf l JOIN measured m ON m.oid = l.oid GROUP BY l.root
), outermost AS (
  SELECT DISTINCT ON (d.oid) d.oid, t.nspname, t.relname FROM descent d JOIN relation t ON t.oid = d.root AND NOT t.relispartition
), written AS (
  SELECT r.nspname, r.relname, pg_catalog.jsonb_build_object(
           'schema', r.nspname, 'name', r.relname,
           'kind', CASE r.relkind WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
           'rows', CASE WHEN t.oid IS NULL THEN 0 ELSE t.tuples END,
           'bytes', coalesce(t.table_bytes, 0), 'indexBytes', coalesce(t.index_bytes, 0),
           'indexes', coalesce(i.content, '{}'), 'columns', coalesce(s.content, '{}'),
           'writes', pg_catalog.jsonb_build_object('inserted', coalesce(t.inserted, 0), 'updated', coalesce(t.updated, 0),
                                                   'deleted', coalesce(t.deleted, 0)),
           'analyzedAt', pg_catalog.to_char(t.analyzed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           'partitionOf', CASE WHEN r.relispartition AND o.oid IS NOT NULL
             THEN pg_catalog.jsonb_build_object('schema', o.nspname, 'name', o.relname) END) AS content
    FROM relation r LEFT JOIN totals t ON t.oid = r.oid LEFT JOIN shapes s ON s.oid = r.oid
    LEFT JOIN indexed i ON i.oid = r.oid LEFT JOIN outermost o ON o.oid = r.oid
)
SELECT pg_catalog.jsonb_build_object(
         'format', 1,
         'takenAt', pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'serverVersion', pg_catalog.current_setting('server_version'),
         'database', (
           SELECT pg_catalog.jsonb_build_object(
                    'bytes', pg_catalog.pg_database_size(d.datid),
                    'statisticsSince', pg_catalog.to_char(d.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                    'countedSeconds', pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - d.stats_reset)),
                    -- As text, so that a role that may not call it gets no error.
                    'systemIdentifier', CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
                      THEN pg_catalog.substring(pg_catalog.query_to_xml(
                             'SELECT system_identifier AS id FROM pg_catalog.pg_control_system()', false, false, '')::text, '<id>([0-9]+)</id>') END,
                    'settings', (
                      SELECT pg_catalog.jsonb_object_agg(g.name, pg_catalog.current_setting(g.name))
                        FROM pg_catalog.pg_settings g
                       WHERE g.name IN ('TimeZone', 'block_size', 'default_toast_compression', 'maintenance_work_mem', 'max_wal_size',
                                        'max_parallel_maintenance_workers', 'shared_buffers', 'wal_level', 'work_mem')))
             FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()),
         'relations', coalesce((SELECT pg_catalog.jsonb_agg(w.content ORDER BY w.nspname, w.relname) FROM written w), '[]')
       )::text AS statistics`;
