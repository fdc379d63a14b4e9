import type { CreateFunctionStmt, Node } from '@pgsql/types';
import { constantValue, definitionElement, listItems, stringValue } from '../../sql/tree.ts';
import type { EffectRecorder } from '../recorder.ts';
import { queryWalker } from './modify.ts';

/**
 * CREATE FUNCTION: the body of a SQL function is looked up, as far as views, when it is made (unless
 * check_function_bodies is off); a PL/pgSQL body is not.
 */
export function createFunction(recorder: EffectRecorder, statement: CreateFunctionStmt): void {
  const walker = queryWalker(recorder, 'rewrite');
  if (statement.sql_body !== undefined) {
    walker.walk(statement.sql_body);
    return;
  }
  if (languageOf(statement) !== 'sql' || !checksBodies(recorder)) return;
  const body = bodyOf(statement.options);
  if (body === null) return;
  const parsed = recorder.parser.parse(body);
  if (!parsed.ok) return;
  for (const { tree } of parsed.statements) {
    if (
      'SelectStmt' in tree ||
      'InsertStmt' in tree ||
      'UpdateStmt' in tree ||
      'DeleteStmt' in tree ||
      'MergeStmt' in tree
    ) {
      walker.walk(tree);
    } else if ('CreateTableAsStmt' in tree) {
      walker.walk(tree.CreateTableAsStmt.query);
    } else if ('DeclareCursorStmt' in tree) {
      walker.walk(tree.DeclareCursorStmt.query);
    }
  }
}

function checksBodies(recorder: EffectRecorder): boolean {
  const setting = recorder.before.session.settings.get('check_function_bodies')?.toLowerCase();
  return setting === undefined || !['off', 'false', 'no', '0'].includes(setting);
}

export function languageOf(statement: CreateFunctionStmt): string {
  const language = definitionElement(statement.options, 'language')?.arg;
  return (stringValue(language) ?? String(constantValue(language) ?? 'sql')).toLowerCase();
}

/** The text after AS; null for C functions, which name a file and a symbol. */
export function bodyOf(options: readonly Node[] | undefined): string | null {
  const items = listItems(definitionElement(options, 'as')?.arg);
  return items.length === 1 ? (stringValue(items[0]) ?? null) : null;
}
