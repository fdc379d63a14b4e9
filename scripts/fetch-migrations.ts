/**
 * Fetches migrations that nobody here wrote into `.cache/migrations/<project>/`, one ordered folder a project, with a
 * manifest. `node --import tsx scripts/fetch-migrations.ts [--more] [--again] [--only NAME,NAME] [--into FOLDER]`. Never
 * committed. With `--more`: the wider set into `.cache/migrations-more/`, which only the oracle reads (`--set more`).
 *
 * Debian packages come through `apt-get download` and `dpkg-deb -x`, npm packages through `npm pack`; nothing of them is
 * run. SQL inside JavaScript is read out of its string literals. A project that can't be had is said to be NOT RUN, and the exit code is 1.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createParser } from '../src/core/sql/parser.ts';
import { parseScript } from '../src/core/sql/script.ts';
import { historyFromFiles } from '../src/core/tools/history.ts';
import { embeddedSql } from './fetch-migrations/embeddedSql.ts';
import { FURTHER_PROJECTS } from './fetch-migrations/furtherProjects.ts';
import { MORE_PROJECTS } from './fetch-migrations/moreProjects.ts';
import { PROJECTS, type Part, type Project } from './fetch-migrations/projects.ts';
import { unmigrate } from './fetch-migrations/unmigrate.ts';

/** One project in `.cache/migrations/manifest.json`. */
export interface FetchedHistory {
  readonly project: string;
  readonly package: string;
  readonly version: string;
  /** `base`: the files run in their order. `none`: their order is not known. */
  readonly ordered: boolean;
  /** Each file runs on the base alone, not on the files before it. */
  readonly each?: boolean;
  /** Names in the project's folder, in order; the first are the base. */
  readonly files: readonly {
    readonly name: string;
    readonly source: string;
    readonly role: 'base' | 'ours' | 'migration';
  }[];
  readonly statements: number;
}

const { values: options } = parseArgs({
  options: {
    more: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    only: { type: 'string' },
    into: { type: 'string' },
  },
});
const { more, again } = options;
const target =
  options.into ?? fileURLToPath(new URL(more ? '../.cache/migrations-more' : '../.cache/migrations', import.meta.url));
const manifestFile = join(target, 'manifest.json');
const parser = await createParser(
  readFileSync(fileURLToPath(import.meta.resolve('libpg-query/wasm/libpg-query.wasm'))),
);
const natural = new Intl.Collator('en', { numeric: true });

const known = new Map(readManifest().map((history) => [history.project, history]));
const fetched: FetchedHistory[] = [];
const missing: string[] = [];
const only = options.only?.split(',');
for (const project of more ? [...MORE_PROJECTS, ...FURTHER_PROJECTS] : PROJECTS) {
  if (only !== undefined && !only.includes(project.name)) continue;
  const had = known.get(project.name);
  if (!again && had !== undefined && had.files.every((file) => existsSync(join(target, project.name, file.name)))) {
    fetched.push(had);
    continue;
  }
  try {
    fetched.push(fetchProject(project));
  } catch (error) {
    missing.push(project.name);
    process.stdout.write(
      `NOT RUN  ${project.name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}\n`,
    );
  }
}
if (only !== undefined) fetched.push(...[...known.values()].filter(({ project }) => !only.includes(project)));
mkdirSync(target, { recursive: true });
writeFileSync(manifestFile, `${JSON.stringify(fetched, null, 2)}\n`);
for (const history of fetched) {
  const migrations = history.files.filter((file) => file.role === 'migration').length;
  process.stdout.write(
    `${history.project.padEnd(17)} ${String(migrations).padStart(4)} migrations ${String(history.statements).padStart(5)} statements  ${history.package} ${history.version}\n`,
  );
}
const sum = (of: (history: FetchedHistory) => number): string =>
  String(fetched.reduce((total, history) => total + of(history), 0));
process.stdout.write(
  `${sum((history) => history.files.filter((file) => file.role === 'migration').length)} migrations, ${sum((history) => history.statements)} statements in ${target}\n`,
);
if (missing.length > 0) {
  process.stdout.write(`NOT RUN: ${missing.join(', ')} could not be fetched. Tests over them do not run.\n`);
  process.exitCode = 1;
}

function readManifest(): readonly FetchedHistory[] {
  return existsSync(manifestFile) ? (JSON.parse(readFileSync(manifestFile, 'utf8')) as FetchedHistory[]) : [];
}

function fetchProject(project: Project): FetchedHistory {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-migrations-'));
  try {
    const { name, version } = unpack(project.from, folder);
    const root = join(folder, 'x');
    const sources = project.parts.flatMap((part) =>
      part.tool === undefined ? sourcesOf(root, part, project) : toolSources(root, part, part.tool),
    );
    if (sources.length === 0) throw new Error(`the package ${name} ${version} has none of the expected files`);
    const out = join(target, project.name);
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const files: FetchedHistory['files'][number][] = [];
    let statements = 0;
    const write = (source: string, label: string, text: string, role: 'base' | 'ours' | 'migration'): void => {
      const file = `${String(files.length).padStart(4, '0')}-${label
        .replaceAll(/[^\w.-]+/g, '_')
        .replace(/(\.gz)?$/, '')
        .replace(/(\.(sql|pgsql|Pg|[cm]?js))?$/, '.sql')}`;
      writeFileSync(join(out, file), text);
      files.push({ name: file, source, role });
      if (role !== 'ours') statements += parseScript(text, { parser, dialect: 'postgresql' }).statements.length;
    };
    const texts = sources.filter(({ text }) => text.trim() !== '');
    if (project.prelude !== undefined && project.prelude !== '') write('', 'prelude.sql', project.prelude, 'ours');
    for (const { source, text } of texts.filter(({ base }) => base))
      write(source, `base-${source.split('/').at(-1) ?? ''}`, text, 'base');
    const migrations = texts.filter(({ base }) => !base);
    if ((project.order === 'final base' || project.order === 'none') && files.some(({ role }) => role === 'base')) {
      const all = migrations.flatMap(({ text }) => parseScript(text, { parser, dialect: 'postgresql' }).statements);
      write('', 'unmigrate.sql', unmigrate(all), 'ours');
    }
    for (const { source, text } of migrations) write(source, source.split('/').slice(-2).join('-'), text, 'migration');
    const ordered = project.order === 'base' || project.order === 'final base';
    const each = project.order === 'each' ? { each: true } : {};
    return { project: project.name, package: name, version, ordered, ...each, files, statements };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpack(from: Project['from'], folder: string): { name: string; version: string } {
  if ('debian' in from) return unpackDebian(from.debian, folder);
  if ('debianSource' in from) return unpackDebianSource(from.debianSource, folder);
  return unpackNpm(from.npm, folder);
}

/** The project's own archive of a source package. The machine's package lists may lack sources: they are read into the folder. */
function unpackDebianSource(name: string, folder: string): { name: string; version: string } {
  const lists = join(folder, 'lists');
  for (const part of ['lists/partial', 'parts']) mkdirSync(join(folder, part), { recursive: true });
  for (const file of readdirSync('/etc/apt/sources.list.d').filter((each) => each.startsWith('debian'))) {
    const text = readFileSync(join('/etc/apt/sources.list.d', file), 'utf8');
    // The security suite's sources are not mirrored everywhere, and any release does.
    const stanzas = text.split(/\n\n+/).filter((stanza) => !/^Suites:.*-security/m.test(stanza));
    writeFileSync(join(folder, 'parts', file), stanzas.join('\n\n').replaceAll(/^Types:.*$/gm, 'Types: deb-src'));
  }
  const options = [
    'APT::Sandbox::User=root',
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${join(folder, 'parts')}`,
    `Dir::State::lists=${lists}`,
    `Dir::Cache::srcpkgcache=`,
    `Dir::Cache::pkgcache=`,
  ].flatMap((option) => ['-o', option]);
  run('apt-get', ['update', '-qq', ...options], folder);
  run('apt-get', ['source', '--download-only', '-qq', ...options, name], folder);
  const archive = readdirSync(folder).find((file) => /\.orig\.tar\.\w+$/.test(file));
  if (archive === undefined) throw new Error(`apt-get brought no source of ${name}`);
  mkdirSync(join(folder, 'x'));
  run('tar', ['-xf', archive, '-C', 'x', '--strip-components=1'], folder);
  return { name, version: /_(.+)\.orig/.exec(archive)?.[1] ?? '' };
}

function unpackDebian(name: string, folder: string): { name: string; version: string } {
  run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', name], folder);
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get brought no ${name}`);
  run('dpkg-deb', ['-x', archive, 'x'], folder);
  return { name, version: run('dpkg-deb', ['-f', archive, 'Version'], folder).trim() };
}

function unpackNpm(specification: string, folder: string): { name: string; version: string } {
  run('npm', ['pack', specification, '--ignore-scripts', '--silent'], folder);
  const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm brought no ${specification}`);
  mkdirSync(join(folder, 'x'));
  run('tar', ['-xzf', archive, '-C', 'x'], folder);
  const at = specification.lastIndexOf('@');
  return { name: specification.slice(0, at), version: specification.slice(at + 1) };
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

interface Source {
  readonly source: string;
  readonly base: boolean;
  readonly text: string;
}

function sourcesOf(root: string, part: Part, project: Project): Source[] {
  return filesOf(root, part).map((path) => {
    const text = readText(path, project);
    return {
      source: relative(root, path),
      base: part.base === true,
      text: part.embedded === true ? embeddedSql(text, project.values) : text,
    };
  });
}

/** The up scripts of a tool's folder, in its order. pgpm's plan is sqitch's under another name. */
function toolSources(root: string, part: Part, tool: NonNullable<Part['tool']>): Source[] {
  const folder = join(root, part.path);
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(sql|plan)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path: relative(folder, path).replace(/^pgpm\.plan$/, 'sqitch.plan'),
      text: readFileSync(path, 'utf8'),
    }))
    .filter(({ path }) => tool === 'sqitch' || !path.endsWith('.plan'));
  const { migrations } = historyFromFiles({ id: 'fetched', tool, root: '.', files });
  return migrations.map(({ path, text, range }) => ({
    source: join(part.path, path),
    base: part.base === true,
    text: text.slice(range.start, range.end),
  }));
}

/** The part's files in the order in which they run. */
function filesOf(root: string, part: Part): string[] {
  const path = join(root, part.path);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  if (part.listed !== undefined) {
    return readFileSync(join(root, part.listed), 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*$/, '').trim().replace(/^!/, ''))
      .filter((line) => line.endsWith('.sql') && existsSync(join(path, line)))
      .map((line) => join(path, line));
  }
  const only = part.only;
  return readdirSync(path, {
    withFileTypes: true,
    recursive: part.deep === true || only?.source.startsWith('\\/') === true,
  })
    .filter(
      (entry) =>
        entry.isFile() &&
        (only === undefined
          ? entry.name.endsWith(part.embedded === true ? '.js' : '.sql')
          : only.test(only.source.startsWith('\\/') ? `/${entry.name}` : entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort(natural.compare);
}

function readText(path: string, project: Project): string {
  const bytes = readFileSync(path);
  let text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  for (const [pattern, value] of Object.entries(project.placeholders ?? {}))
    text = text.replaceAll(new RegExp(pattern, 'g'), value);
  return text;
}
