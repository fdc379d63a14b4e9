import { isIdentifierPart, isIdentifierStart, isSpace, skipBlockComment, skipLineComment } from './lexical.ts';
import { UNKNOWN_TAG } from './commandTag.ts';

/**
 * The command tag of a statement that does not parse, read off its first words; `???` where they tell nothing.
 * `CREATE UNIQUE INDEX` is `CREATE INDEX`, as in PostgreSQL.
 */
export function tokenTag(text: string): string {
  const words = firstWords(text, 8);
  const verb = words[0] ?? '';
  const simple = SIMPLE[verb];
  if (simple !== undefined) return simple;
  if (verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP') {
    const rest = words.slice(1).filter((word) => !(verb === 'CREATE' && FILLERS.has(word)));
    const object = OBJECTS.find((name) => name.every((word, index) => rest[index] === word));
    if (object) return OBJECT_TAGS[`${verb} ${object.join(' ')}`] ?? `${verb} ${object.join(' ')}`;
    return UNKNOWN_TAG;
  }
  return PAIRS[`${verb} ${words[1] ?? ''}`] ?? VERBS[verb] ?? UNKNOWN_TAG;
}

/** The first words of a text in capitals; ends at the first thing that is no bare word. */
export function firstWords(text: string, count: number): string[] {
  const words: string[] = [];
  let position = 0;
  while (position < text.length && words.length < count) {
    const code = text.charCodeAt(position);
    if (isSpace(code)) position++;
    else if (text.startsWith('--', position)) position = skipLineComment(text, position, text.length);
    else if (text.startsWith('/*', position)) {
      position = skipBlockComment(text, position, text.length);
      if (position < 0) break;
    } else if (isIdentifierStart(code)) {
      const start = position;
      while (position < text.length && isIdentifierPart(text.charCodeAt(position))) position++;
      words.push(text.slice(start, position).toUpperCase());
    } else break;
  }
  return words;
}

/** Words between CREATE and the kind of object. */
const FILLERS = new Set(
  'OR REPLACE TEMP TEMPORARY UNLOGGED GLOBAL LOCAL UNIQUE RECURSIVE CONSTRAINT TRUSTED PROCEDURAL DEFAULT'.split(' '),
);

/** Longest first, so that FOREIGN DATA WRAPPER is found before FOREIGN TABLE would be. */
const OBJECTS = (
  'TEXT SEARCH CONFIGURATION,TEXT SEARCH DICTIONARY,TEXT SEARCH TEMPLATE,TEXT SEARCH PARSER,FOREIGN DATA WRAPPER,' +
  'MATERIALIZED VIEW,FOREIGN TABLE,ACCESS METHOD,DEFAULT PRIVILEGES,EVENT TRIGGER,OPERATOR CLASS,OPERATOR FAMILY,' +
  'LARGE OBJECT,USER MAPPING,AGGREGATE,CAST,COLLATION,CONVERSION,DATABASE,DOMAIN,EXTENSION,FUNCTION,GROUP,INDEX,' +
  'LANGUAGE,OPERATOR,OWNED,POLICY,PROCEDURE,PUBLICATION,ROLE,ROUTINE,RULE,SCHEMA,SEQUENCE,SERVER,STATISTICS,' +
  'SUBSCRIPTION,SYSTEM,TABLE,TABLESPACE,TRANSFORM,TRIGGER,TYPE,USER,VIEW'
)
  .split(',')
  .map((name) => name.split(' '));

const OBJECT_TAGS: Readonly<Record<string, string>> = {
  'CREATE USER': 'CREATE ROLE',
  'CREATE GROUP': 'CREATE ROLE',
  'ALTER USER': 'ALTER ROLE',
  'ALTER GROUP': 'ALTER ROLE',
  'DROP USER': 'DROP ROLE',
  'DROP GROUP': 'DROP ROLE',
};

const PAIRS: Readonly<Record<string, string>> = {
  'SET CONSTRAINTS': 'SET CONSTRAINTS',
  'ROLLBACK PREPARED': 'ROLLBACK PREPARED',
  'COMMIT PREPARED': 'COMMIT PREPARED',
  'PREPARE TRANSACTION': 'PREPARE TRANSACTION',
  'DEALLOCATE ALL': 'DEALLOCATE ALL',
  'CLOSE ALL': 'CLOSE CURSOR ALL',
  'DISCARD ALL': 'DISCARD ALL',
  'DISCARD PLANS': 'DISCARD PLANS',
  'DISCARD SEQUENCES': 'DISCARD SEQUENCES',
  'DISCARD TEMP': 'DISCARD TEMP',
  'DISCARD TEMPORARY': 'DISCARD TEMP',
};

const SIMPLE: Readonly<Record<string, string>> = {
  ABORT: 'ROLLBACK',
  ANALYSE: 'ANALYZE',
  DECLARE: 'DECLARE CURSOR',
  END: 'COMMIT',
  IMPORT: 'IMPORT FOREIGN SCHEMA',
  LOCK: 'LOCK TABLE',
  REASSIGN: 'REASSIGN OWNED',
  REFRESH: 'REFRESH MATERIALIZED VIEW',
  SECURITY: 'SECURITY LABEL',
  START: 'START TRANSACTION',
  TABLE: 'SELECT',
  TRUNCATE: 'TRUNCATE TABLE',
  VALUES: 'SELECT',
  WITH: 'SELECT',
};

const VERBS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    (
      'ANALYZE BEGIN CALL CHECKPOINT CLUSTER COMMENT COMMIT COPY DEALLOCATE DELETE DO EXECUTE EXPLAIN FETCH GRANT INSERT ' +
      'LISTEN LOAD MERGE MOVE NOTIFY PREPARE REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW UNLISTEN UPDATE VACUUM'
    )
      .split(' ')
      .map((verb) => [verb, verb]),
  ),
  CLOSE: 'CLOSE CURSOR',
};
