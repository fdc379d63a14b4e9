import { quoteIdentifier } from '../../sql/quote.ts';

/** Said in the first file that may not go out together with what comes before it. */
export function afterDeployNote(table: string, column: string): string {
  return `Deploy this, and what comes after it, only when every running version of the application writes ${shown(table, column)}.`;
}

/** What a person does between the files of a fix. */
export const deploySteps = {
  /** The column was there before the migration. */
  writesAlready: (table: string, column: string): string =>
    `Before this is deployed, every running version of the application must write ${shown(table, column)}: from then on a NULL is refused.`,
  /** The column comes with the same migration. */
  newColumn: (table: string, column: string): readonly string[] => [
    `First deploy: the migration that adds ${shown(table, column)}, together with the version of the application that writes it in every INSERT. Leave the files after it out of this deploy; the application still has to read the column as one that may be NULL.`,
    `Second deploy, when no older version of the application runs any more: the files after it. They fill the old rows, prove that no NULL is left, and set NOT NULL.`,
  ],
};

function shown(table: string, column: string): string {
  return `${quoteIdentifier(table)}.${quoteIdentifier(column)}`;
}
