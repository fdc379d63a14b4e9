import type { MigrationAnalysis } from '../../analyze.ts';
import type { Catalog, Relation } from '../../catalog/catalog.ts';
import { isIndex, tableById } from '../../catalog/lookup.ts';
import { digestedText } from '../../digest.ts';
import { hashText } from '../../records/recordFile.ts';
import { isGenerated } from '../../rollback/script.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineMigrationRule } from '../rule.ts';
import { listed } from '../wording.ts';

export const rollbackOutdated = defineMigrationRule({
  id: 'rollback-outdated',
  meta: {
    title: 'Keep the rollback in step with its migration',
    severity: 'warning',
    cause: 'hygiene',
    why: 'A rollback that is older than its migration leaves a part of it behind, or fails half-way, and that shows in an incident.',
    instead:
      'Complete the rollback (Write Rollback shows what it would have to do), and test it: lockkeeper test-rollback.',
    more: `A script that Lockkeeper wrote names the digest of the migration that it was made for. In one that a person wrote, every table, column, index, type and
function that the migration makes has to be named, unless what holds it is.`,
    references: [],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE TABLE refunds (id bigint);',
        down: 'ALTER TABLE orders DROP COLUMN remark;',
      },
    ],
    good: [
      {
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE TABLE refunds (id bigint);\nCREATE INDEX refunds_idx ON refunds (id);',
        down: 'DROP TABLE refunds;\nALTER TABLE orders DROP COLUMN remark;',
      },
    ],
  },
  check({ migration, reportAt }) {
    const { rollback, range, text, path } = migration.migration;
    if (rollback === null) return;
    const down = rollback.text.slice(rollback.range.start, rollback.range.end);
    const at = migration.statements[0]?.statement.start ?? range.start;
    const madeFor = isGenerated(down)
      ? /made for the up script with SHA-256 ([0-9a-f]{64})/.exec(down)?.[1]
      : undefined;
    if (madeFor !== undefined) {
      if (madeFor !== hashText(digestedText(text, range)))
        reportAt(at, { what: `The rollback ${rollback.path} was made for an earlier text of ${path}.` });
      return;
    }
    const words = wordsOf(down);
    // Nothing but comments: a decision not to go back, which another rule may ask about.
    if (words.size === 0 || /\bdo\b|\bexecute\b/i.test(down)) return;
    const forgotten = madeBy(migration).filter(({ names }) => !names.some((name) => words.has(name.toLowerCase())));
    if (forgotten.length === 0) return;
    reportAt(at, {
      what: `The rollback ${rollback.path} leaves ${listed(forgotten.map(({ label }) => label))} behind.`,
    });
  },
});

interface Made {
  readonly label: string;
  /** Any of these in the script undoes it: its own name, or that of what holds it. */
  readonly names: readonly string[];
}

/** What is there after a migration and was not before. */
function madeBy({ before, after, statements }: MigrationAnalysis): readonly Made[] {
  const made: Made[] = [];
  for (let id = before.nextId; id < after.nextId; id++) {
    const relation = after.relations.get(id);
    const type = after.types.get(id);
    if (relation && relation.persistence !== 'temporary') {
      const holder = holderOf(relation, after);
      const isPart = isIndex(relation) && relation.constraint !== null;
      // The sequence of a new column goes with it.
      if (isPart || (relation.kind === 'sequence' && holder !== undefined)) continue;
      const holders = holder && holder.id >= before.nextId ? [holder.name] : [];
      const names = [relation.name, ...schemaOf(relation), ...holders];
      made.push({ label: `${relation.kind} ${quoteIdentifier(relation.name)}`, names });
    } else if (type && type.kind !== 'base') {
      made.push({ label: `type ${quoteIdentifier(type.name)}`, names: [type.name, ...schemaOf(type)] });
    }
  }
  const changed = new Set(statements.flatMap(({ effects }) => effects.effects.map(({ relation }) => relation.id)));
  for (const id of changed) {
    const old = id === null ? undefined : tableById(before, id);
    const table = id === null ? undefined : tableById(after, id);
    const known = new Set(old?.columns.map(({ number }) => number));
    for (const { number, name } of (old && table?.columns) ?? [])
      if (!known.has(number))
        made.push({
          label: `column ${quoteIdentifier(table?.name ?? '')}.${quoteIdentifier(name)}`,
          names: [name],
        });
  }
  return made;
}

function holderOf(relation: Relation, catalog: Catalog): Relation | undefined {
  if (isIndex(relation)) return catalog.relations.get(relation.table);
  if (relation.kind !== 'sequence' || !relation.ownedBy) return undefined;
  return catalog.relations.get(relation.ownedBy.relation);
}

function schemaOf({ schema }: { readonly schema: string }): readonly string[] {
  return schema === 'public' ? [] : [schema];
}

/** Words and quoted names outside of comments, in lower case. */
function wordsOf(sql: string): ReadonlySet<string> {
  const bare = sql.replaceAll(/--[^\n]*|\/\*[^]*?\*\//g, ' ');
  return new Set(
    [...bare.matchAll(/"((?:[^"]|"")+)"|[\p{L}_][\p{L}\p{N}_$]*/gu)].map(([word, quoted]) =>
      (quoted ?? word).replaceAll('""', '"').toLowerCase(),
    ),
  );
}
