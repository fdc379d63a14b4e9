import type { RollbackTest, SchemaDifference } from './rollbackTest.ts';

/** One line of `lockkeeper test-rollback --format json`. Others build on this form (docs/cli.md). */
export interface RollbackTestLine {
  /** The tool's own id of the migration. */
  readonly migration: string;
  /** The argument joined with the migration's path, with `/`. */
  readonly file: string;
  readonly history: string;
  readonly source: RollbackTest['source'];
  /** What a synthesized script says of itself; null for a written one. */
  readonly claim: RollbackTest['claim'];
  /** Why the way back is not to be had; null: it was tried. */
  readonly declined: string | null;
  /** The way back ran to its end. */
  readonly ran: boolean;
  readonly schema: RollbackTest['schema'];
  readonly data: RollbackTest['data'];
  readonly differences: readonly SchemaDifference[];
  readonly milliseconds: number;
  readonly failure: RollbackTest['failure'];
  readonly again: RollbackTest['again'];
  readonly leftOut: RollbackTest['leftOut'];
  readonly standIns: RollbackTest['standIns'];
  readonly ranIn: RollbackTest['ranIn'];
  readonly server: string;
}

export function rollbackTestJson(test: RollbackTest, file: string): RollbackTestLine {
  const {
    migration,
    history,
    source,
    claim,
    declined,
    ran,
    schema,
    data,
    differences,
    failure,
    again,
    leftOut,
    standIns,
    ranIn,
  } = test;
  return {
    migration,
    file,
    history,
    source,
    claim,
    declined,
    ran,
    schema,
    data,
    differences,
    milliseconds: Math.round(test.milliseconds),
    failure,
    again,
    leftOut,
    standIns,
    ranIn,
    server: test.server.version,
  };
}
