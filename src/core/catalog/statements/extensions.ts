import type { AlterExtensionStmt, CreateExtensionStmt } from '@pgsql/types';
import type { Draft } from '../draft.ts';
import { definitions, valueText } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { creationSchema, newSchema } from '../targets.ts';
import { EXTENSION_SCHEMAS, EXTENSION_TYPES, isListed, MADE_SCHEMAS } from '../extensionObjects.ts';
import { newType } from './types.ts';

/** CREATE EXTENSION: the extension, and of its objects the types, which columns are made of. */
export function createExtension(draft: Draft, node: CreateExtensionStmt): void {
  const name = node.extname ?? '';
  if (draft.extensions.has(name)) {
    if (node.if_not_exists === true) return;
    throw new Refusal('42710', `extension "${name}" already exists`);
  }
  const options = definitions(node.options);
  const option = (wanted: string): string | null => valueText(options.find(({ defname }) => defname === wanted)?.arg);
  const fixed = EXTENSION_SCHEMAS[name];
  const schema = fixed ?? creationSchema(draft, option('schema') ?? undefined);
  if (fixed !== undefined && fixed !== 'pg_catalog' && !draft.schemas.has(fixed)) {
    draft.schemas = draft.schemas.set(fixed, newSchema(fixed));
  }
  draft.extensions = draft.extensions.set(name, { name, schema, version: option('new_version') });
  makeAgain(draft, name);
  for (const type of EXTENSION_TYPES[name] ?? []) {
    draft.addType({ ...newType(draft, schema, type), kind: 'base', extension: name });
  }
}

/** What the history took away may be there again: in the extension's own schemas, anywhere if nobody knows what it makes. */
function makeAgain(draft: Draft, extension: string): void {
  if (draft.gone.size === 0) return;
  const own = [...(MADE_SCHEMAS[extension] ?? []), EXTENSION_SCHEMAS[extension]];
  draft.gone = isListed(extension) ? draft.gone.filter((key) => !own.includes(key.schema)) : draft.gone.clear();
}

/** ALTER EXTENSION … UPDATE. */
export function alterExtension(draft: Draft, node: AlterExtensionStmt): void {
  const extension = draft.extensions.get(node.extname ?? '');
  if (extension === undefined) throw new Refusal('42704', `extension "${node.extname ?? ''}" does not exist`);
  const version = valueText(definitions(node.options).find(({ defname }) => defname === 'new_version')?.arg);
  draft.extensions = draft.extensions.set(extension.name, { ...extension, version });
}
