import type { CodeQuestion, CodeUse } from './deployedCode.ts';
import { questionKey } from './deployedCode.ts';
import { prismaUses } from './prismaSchema.ts';
import { sqlUses } from './sqlInStrings.ts';
import { typeormUses } from './typeormEntity.ts';

/** A file of the deployed code. */
export interface CodeFile {
  /** Relative to the repository's top folder. */
  readonly path: string;
  readonly text: string;
}

/** A place that a matcher found: where in the text, and what it is. */
export interface FoundUse {
  readonly offset: number;
  readonly kind: CodeUse['kind'];
}

/** More places of one name help nobody. */
const MOST_USES = 20;
const LONGEST_TEXT = 120;
/** A longer file was written by a program. */
const LONGEST_FILE = 1_000_000;

/**
 * Where the files use what the questions are about. Pure text matching: a Prisma schema's models, TypeORM's entities, and
 * SQL in string literals or SQL files; names that are put together at run time are not seen.
 *
 * @returns an entry for each question, by `questionKey`
 */
export function findUses(
  files: readonly CodeFile[],
  questions: readonly CodeQuestion[],
): ReadonlyMap<string, readonly CodeUse[]> {
  const uses = new Map<string, CodeUse[]>(questions.map((question) => [questionKey(question), []]));
  for (const { path, text } of files) {
    const matcher = text.length > LONGEST_FILE ? null : matcherOf(path);
    if (!matcher) continue;
    const ask = matcher(text);
    for (const question of questions) {
      const list = uses.get(questionKey(question));
      if (!list || list.length >= MOST_USES) continue;
      const lines = new Set<number>();
      for (const { offset, kind } of ask(question)) {
        const line = text.slice(0, offset).split('\n').length;
        if (lines.has(line) || list.length >= MOST_USES) continue;
        lines.add(line);
        list.push({ path, line, kind, text: lineAt(text, offset) });
      }
    }
  }
  return uses;
}

/** Reads a text once; the answer is asked for each question. */
export type Matcher = (text: string) => (question: CodeQuestion) => readonly FoundUse[];

function matcherOf(path: string): Matcher | null {
  if (path.endsWith('.prisma')) return prismaUses;
  if (path.endsWith('.sql')) return sqlUses.file;
  if (!isCode(path)) return null;
  return (text) => {
    const sql = sqlUses.strings(text);
    const entities = /@Entity\b/.test(text) ? typeormUses(text) : null;
    return (question) => [...(entities?.(question) ?? []), ...sql(question)];
  };
}

const CODE =
  /\.(?:[cm]?[jt]sx?|vue|svelte|py|rb|erb|go|rs|java|kts?|scala|groovy|clj|cs|fs|vb|php|ex|exs|erl|ml|hs|swift|dart|lua|pl|pm|r|jl|c|cc|cpp|h|hpp|sh|bash|ipynb|ya?ml|xml)$/i;

/** Whether a file may hold code or SQL that runs: by its name. */
export function isCode(path: string): boolean {
  return (
    (CODE.test(path) || /\.(?:sql|prisma)$/.test(path)) &&
    !/(?:^|\/)(?:node_modules|vendor|dist|build|out|target|\.git|__snapshots__)\//.test(path) &&
    !/\.(?:min\.js|d\.ts|lock\.ya?ml)$|(?:^|\/)(?:pnpm-lock\.yaml|yarn\.lock)$/.test(path)
  );
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const line = text.slice(start, end < 0 ? undefined : end).trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}
