import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from './install.ts';

/** A window to be opened, and the suite that runs in it: `suite/<name>.ts`. */
export interface Scenario {
  readonly name: string;
  readonly trusted: boolean;
  /** Makes the folder below `home`; null opens an empty window. */
  readonly prepare: (home: string) => string | null;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'branch', trusted: true, prepare: prepareBranch },
  { name: 'oddFiles', trusted: true, prepare: prepareOddFiles },
  { name: 'restricted', trusted: false, prepare: prepareBranch },
  { name: 'empty', trusted: true, prepare: (home) => folder(home, 'empty', {}) },
  {
    name: 'latency',
    trusted: true,
    prepare: (home) => folder(home, 'latency', { 'migrations/1_all.sql': manyStatements(5000) }),
  },
];

/** The example SaaS in a git repository: all but its last migration on main, the last one on a branch. */
export function prepareBranch(home: string): string {
  const root = path.join(home, 'saas');
  const example = path.join(ROOT, 'examples/saas');
  // Its safe form is a second history, for comparison; a workspace usually has one.
  cpSync(example, root, { recursive: true, filter: (file) => file !== path.join(example, 'safe-form') });
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann Example', '-c', 'user.email=ann@example.com', ...args], { cwd: root });
  const migrations = 'prisma/migrations';
  const last = '20260301100000_order_customer_reference';
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ann Example');
  git('config', 'user.email', 'ann@example.com');
  git('add', '--', '.', `:!${migrations}/${last}`);
  git('commit', '-q', '-m', 'Schema so far');
  git('switch', '-q', '-c', 'order-customer');
  git('add', '.');
  git('commit', '-q', '-m', 'Orders know their customer');
  return root;
}

function prepareOddFiles(home: string): string {
  const bom = '\uFEFF';
  const unsafe = 'CREATE INDEX orders_customer_idx ON orders (customer_id);';
  return folder(home, 'odd', {
    'migrations/001_init.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, note text);\n',
    'migrations/002_bom.sql': `${bom}${unsafe}\n`,
    'migrations/003_crlf.sql': `-- first\r\n-- second\r\n${unsafe.replace('customer_idx', 'crlf_idx')}\r\n`,
    'migrations/004_emoji.sql': `-- 🚢🚢 🚪\nSELECT '🚢🚢'; ${unsafe.replace('customer_idx', 'emoji_idx')}\n`,
    'migrations/005_empty.sql': '',
    'migrations/006_psql.sql': `\\set ON_ERROR_STOP on\n${unsafe.replace('customer_idx', 'psql_idx')}\n`,
    'migrations/007_template.sql': 'ALTER TABLE {{ table }} ADD COLUMN x int;\nSELECT ${value};\n',
    'migrations/008_nul.sql': 'SELECT 1;\u0000SELECT 2;\n',
    'migrations/009_invalid.sql': Buffer.concat([
      Buffer.from("SELECT '"),
      Buffer.from([0xff, 0xfe, 0xfd]),
      Buffer.from("';\n"),
    ]),
    'migrations/010_huge.sql': hugeText(10 * 1024 * 1024),
    'migrations/011_after.sql': `${unsafe.replace('customer_idx', 'after_idx')}\n`,
  });
}

function hugeText(bytes: number): string {
  const line = (number: number) =>
    `INSERT INTO orders (id, customer_id, note) VALUES (${String(number)}, ${String(number % 977)}, 'note ${String(number)}');\n`;
  const lines: string[] = ["SELECT '" + 'x'.repeat(300 * 1024) + "';\n"];
  for (let size = 300 * 1024, number = 0; size < bytes; number++) {
    const text = line(number);
    lines.push(text);
    size += text.length;
  }
  return lines.join('');
}

/** Ordinary migration statements, about `lines` lines of them. */
export function manyStatements(lines: number): string {
  const parts: string[] = [];
  for (let table = 0, count = 0; count < lines; table++) {
    const name = `table_${String(table)}`;
    const text = [
      `CREATE TABLE ${name} (`,
      '  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,',
      '  customer_id bigint NOT NULL,',
      "  status text NOT NULL DEFAULT 'new',",
      '  amount numeric(12,2),',
      '  created_at timestamptz NOT NULL DEFAULT now()',
      ');',
      `CREATE INDEX ${name}_customer_idx ON ${name} (customer_id);`,
      `ALTER TABLE ${name} ADD CONSTRAINT ${name}_amount_check CHECK (amount >= 0);`,
      `COMMENT ON TABLE ${name} IS 'the ${String(table)}th';`,
      '',
    ];
    parts.push(...text);
    count += text.length;
  }
  return `${parts.join('\n')}\n`;
}

function folder(home: string, name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const root = path.join(home, name);
  mkdirSync(root, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
  return root;
}
