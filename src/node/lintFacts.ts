import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryAnalysis } from '../core/analyze.ts';
import type { DeployedCode } from '../core/deployedCode/deployedCode.ts';
import type { LintFacts, MergedText } from '../core/rules/facts.ts';
import { parseStatistics } from '../core/statistics/parseStatistics.ts';
import type { Statistics } from '../core/statistics/statistics.ts';
import type { History, Migration } from '../core/tools/tool.ts';
import { questionsKey, questionsOf, searchDeployedCode } from './deployedCode.ts';
import { commitOf, textsAt } from './git.ts';
import { readIfThere } from './historyFiles.ts';
import type { Project } from './project.ts';

/** Where `stats pull` keeps what it read. */
const STATISTICS_FOLDER = join('.lockkeeper', 'statistics');

/**
 * Reads what lint may know besides the texts: production's sizes, the migrations as they are on the default branch, and
 * what the deployed code says. One reader a project: it keeps the answers, and gives the same objects for as long as
 * nothing changed. Silent where git is missing.
 */
export class LintFactsReader {
  readonly #project: Project;
  readonly #merged = new Map<string, { readonly texts: string; readonly merged: ReadonlyMap<string, MergedText> }>();
  readonly #code = new Map<string, DeployedCode | null>();
  readonly #facts = new Map<string, LintFacts>();
  #statistics: readonly Statistics[] | undefined;

  /** @param earlier of the same folder, read before: what was searched in a commit needs no second search */
  constructor(project: Project, earlier?: LintFactsReader) {
    this.#project = project;
    if (earlier !== undefined) for (const [key, found] of earlier.#code) this.#code.set(key, found);
  }

  /**
   * @param speaks whose findings are wanted: the code is asked about these
   * @param today `2026-11-22`, in the user's time zone
   */
  read(analysis: HistoryAnalysis, speaks: (migration: Migration) => boolean, today: string): LintFacts {
    const { history } = analysis;
    const statistics = (this.#statistics ??= readStatistics(this.#project));
    // A path outside of the workspace has no part in its repository.
    if (!this.#project.histories.some(({ id, root }) => id === history.id && root === history.root))
      return { statistics, today };
    const deployedCode = this.#deployedCode(analysis, speaks);
    const merged = this.#mergedOf(history);
    const kept = this.#facts.get(history.id);
    if (
      kept !== undefined &&
      kept.statistics === statistics &&
      kept.deployedCode === (deployedCode ?? undefined) &&
      kept.merged === merged &&
      kept.today === today
    )
      return kept;
    const facts: LintFacts = { statistics, merged, today, ...(deployedCode === null ? {} : { deployedCode }) };
    this.#facts.set(history.id, facts);
    return facts;
  }

  #deployedCode(analysis: HistoryAnalysis, speaks: (migration: Migration) => boolean): DeployedCode | null {
    const questions = questionsOf(analysis, speaks);
    if (questions.length === 0) return null;
    const { config, root } = this.#project;
    const ref = config.productionRef;
    const commit = ref === null ? null : commitOf(root, ref);
    const base = ref !== null && commit !== null ? { commit, ref } : this.#project.base();
    if (base === null) return null;
    const key = questionsKey(base, questions);
    let found = this.#code.get(key);
    if (found === undefined) {
      const folders = this.#project.histories.map((history) => history.root);
      found = searchDeployedCode(root, base, questions, folders);
      this.#code.set(key, found);
    }
    return found;
  }

  /** By git's ids of the contents, so that only what differs is read. */
  #mergedOf(history: History): ReadonlyMap<string, MergedText> {
    const blobs = this.#project.blobsAtBase();
    const base = this.#project.base();
    if (blobs === null || base === null) return NOTHING_MERGED;
    const place = history.root === '.' ? '' : `${history.root}/`;
    const changed = history.migrations.filter((migration) => {
      const blob = blobs.get(place + migration.path);
      return blob !== undefined && blob !== blobId(migration, blob.length);
    });
    if (changed.length === 0) return NOTHING_MERGED;
    const paths = changed.map(({ path }) => place + path);
    const key = paths.join('\n');
    const kept = this.#merged.get(history.id);
    if (kept?.texts === key) return kept.merged;
    const texts = textsAt(this.#project.root, base.commit, paths);
    const merged = new Map(
      changed.flatMap(({ path }): [string, MergedText][] => {
        const text = texts.get(place + path);
        return text === undefined ? [] : [[path, { text, ref: base.ref }]];
      }),
    );
    this.#merged.set(history.id, { texts: key, merged });
    return merged;
  }
}

const NOTHING_MERGED: ReadonlyMap<string, MergedText> = new Map();

/** Migrations that did not change are the same objects from reading to reading. */
const blobIds = new WeakMap<Migration, string>();

/** Git's id of a script, in the repository's own hash (told by its length). https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function blobId(migration: Migration, length: number): string {
  const kept = blobIds.get(migration);
  if (kept?.length === length) return kept;
  const bytes = Buffer.from(migration.text);
  const head = `blob ${String(bytes.length)}\0`;
  // Only here: loading it costs every other run of `lint` a few milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const id = createHash(length === 64 ? 'sha256' : 'sha1')
    .update(head)
    .update(bytes)
    .digest('hex');
  blobIds.set(migration, id);
  return id;
}

/** Production's first. What can't be read is left out: `stats` says what is wrong with it. */
function readStatistics({ root, config }: Project): readonly Statistics[] {
  const folder = join(root, STATISTICS_FOLDER);
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  const isProduction = (name: string): boolean =>
    config.policy.environments.some((each) => each.class === 'production' && `${each.name}.json` === name);
  return names
    .toSorted((a, b) => Number(isProduction(b)) - Number(isProduction(a)) || (a < b ? -1 : 1))
    .flatMap((name) => {
      const text = readIfThere(join(folder, name));
      const statistics = text === null ? null : parseStatistics(text).statistics;
      return statistics === null ? [] : [{ ...statistics, environment: statistics.environment ?? name.slice(0, -5) }];
    });
}

/** Today's date where the user is: `2026-11-22`. */
export function today(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(now.getFullYear())}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
