import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { walkFolder } from './files.ts';

/**
 * The files of Prisma's schema that migrations belong to: `schema.prisma` beside the folder of migrations, or all `.prisma`
 * files under that place, for a schema in several files. https://www.prisma.io/docs/orm/prisma-schema/overview/location
 *
 * @param root absolute: the folder of migrations
 */
export function prismaSchemaPaths(root: string): readonly string[] {
  // The folder of migrations, or one above it that a person named.
  for (const folder of [dirname(root), root, join(root, 'prisma')]) {
    const single = join(folder, 'schema.prisma');
    if (existsSync(single)) return [single];
  }
  const { paths } = walkFolder(dirname(root), { wanted: (name) => name.endsWith('.prisma'), limit: 10_000 });
  return paths.map((path) => join(dirname(root), path));
}
