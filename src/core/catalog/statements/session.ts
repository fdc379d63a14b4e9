import type { DiscardStmt, Node, SelectStmt, VariableSetStmt } from '@pgsql/types';
import type { Session } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { DEFAULT_SEARCH_PATH } from '../emptyCatalog.ts';
import { nameOf, valueText } from '../nodes.ts';

/** SET, RESET, set_config: what the session keeps. Values are kept as text, lists joined by `, ` and quoted where needed. */

export interface SessionContext {
  /** SET LOCAL outside a transaction only warns. */
  readonly inTransaction: boolean;
}

/** SET and RESET. */
export function setVariable(draft: Draft, node: VariableSetStmt, { inTransaction }: SessionContext): void {
  const name = (node.name ?? '').toLowerCase();
  switch (node.kind) {
    case 'VAR_RESET_ALL':
      draft.session = { ...draft.session, ...INITIAL, restore: draft.session.restore };
      return;
    case 'VAR_SET_VALUE':
    case 'VAR_SET_DEFAULT':
    case 'VAR_RESET': {
      if (node.is_local === true && !inTransaction) return;
      const value = node.kind === 'VAR_SET_VALUE' ? listText(name, node.args ?? []) : null;
      change(draft, name, value, node.is_local === true);
      return;
    }
    default:
      return;
  }
}

const INITIAL: Pick<Session, 'searchPath' | 'timeZone' | 'role'> = {
  searchPath: DEFAULT_SEARCH_PATH,
  timeZone: null,
  role: null,
};

function listText(name: string, values: readonly Node[]): string {
  const texts = values.map((value) => valueText(value) ?? '');
  return name === 'search_path' ? texts.map(quoteIfNeeded).join(', ') : texts.join(', ');
}

/** A `search_path` element that only quotes keep: capitals, blanks, commas. `$user` and '' too. */
function quoteIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `SELECT set_config(name, value, is_local)`, as pg_dump writes it. */
export function setConfigCalls(draft: Draft, node: SelectStmt, { inTransaction }: SessionContext): void {
  for (const target of node.targetList ?? []) {
    const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
    if (value === undefined || !('FuncCall' in value) || nameOf(value.FuncCall.funcname).name !== 'set_config')
      continue;
    const [name, text, local] = value.FuncCall.args ?? [];
    const setting = valueText(name)?.toLowerCase();
    const wanted = valueText(text);
    if (setting === undefined || wanted === null) continue;
    const isLocal = valueText(local) === 'true';
    if (isLocal && !inTransaction) continue;
    change(draft, setting, wanted, isLocal);
  }
}

function change(draft: Draft, name: string, value: string | null, local: boolean): void {
  const { session } = draft;
  const { restore } = session;
  const next = local
    ? restore.has(name)
      ? restore
      : restore.set(name, session.settings.get(name) ?? null)
    : restore.delete(name);
  draft.session = { ...withValue(session, name, value), restore: next };
}

function withValue(session: Session, name: string, value: string | null): Session {
  const settings = value === null ? session.settings.delete(name) : session.settings.set(name, value);
  switch (name) {
    case 'search_path':
      return { ...session, settings, searchPath: value === null ? DEFAULT_SEARCH_PATH : parseSearchPath(value) };
    case 'timezone':
      return { ...session, settings, timeZone: value };
    case 'role':
    case 'session_authorization':
      return { ...session, settings, role: value === 'none' ? null : value };
    default:
      return { ...session, settings };
  }
}

/** `"$user", public` as names; quoted ones as they are, others in lower case. */
export function parseSearchPath(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"|[^,\s"]+/g)]
    .map(([whole, quoted]) => (quoted === undefined ? whole.toLowerCase() : quoted.replaceAll('""', '"')))
    .filter((name) => name !== '');
}

/** DISCARD ALL puts the session back; DISCARD TEMP drops its temporary tables, which nothing after it can use. */
export function discard(draft: Draft, node: DiscardStmt): void {
  if (node.target === 'DISCARD_ALL') {
    draft.session = {
      ...draft.session,
      ...INITIAL,
      settings: draft.session.settings.clear(),
      restore: draft.session.restore.clear(),
    };
  }
  if (node.target !== 'DISCARD_ALL' && node.target !== 'DISCARD_TEMP') return;
  for (const relation of [...draft.relations.values()])
    if (relation.persistence === 'temporary') draft.removeRelation(relation);
}

/** What SET LOCAL changed goes back at the end of its transaction. */
export function endLocalSettings(session: Session): Session {
  if (session.restore.isEmpty()) return session;
  let restored = session;
  for (const [name, value] of session.restore) restored = withValue(restored, name, value);
  return { ...restored, restore: session.restore.clear() };
}
