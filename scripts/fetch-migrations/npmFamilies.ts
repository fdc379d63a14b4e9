import type { Project } from './projects.ts';

/** Projects of one publisher that are laid out alike. */

/** A module of pgpm's, which deploys as sqitch does. `name`: what this list calls it, where it is not the package's name. */
export function pgpmModule(of: string, version: string, name = of): Project {
  return {
    name: `pgpm-${name}`,
    from: { npm: `@pgpm/${of}@${version}` },
    parts: [{ path: 'package', tool: 'sqitch' }],
    order: 'base',
  };
}

/** A service of Sourceloop's: db-migrate's scripts in a folder. */
export function sourceloopService(name: string, version: string, path: string): Project {
  return {
    name: `sourceloop-${name}`,
    from: { npm: `@sourceloop/${name}@${version}` },
    parts: [{ path, tool: 'plain' }],
    order: 'base',
  };
}
