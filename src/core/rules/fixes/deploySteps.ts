import { quoteIdentifier } from '../../sql/quote.ts';
import type { ToolId } from '../../tools/tool.ts';

/** Said in the first file that may not go out together with what comes before it. */
export function afterDeployNote(table: string, column: string): string {
  return `Deploy this, and what comes after it, only when every running version of the application writes ${shown(table, column)}.`;
}

/** What a person does between the files of a fix. */
export const deploySteps = {
  /** The column was there before the migration. */
  writesAlready: (table: string, column: string): readonly string[] => [
    `Before this is deployed, every running version of the application must write ${shown(table, column)}: from then on a NULL is refused.`,
  ],
  /** The column comes with the same migration. `then`: what a person does after the first deploy. */
  newColumn: (
    { table, column, tool, then = [] }: { table: string; column: string; tool: ToolId; then?: readonly string[] },
    files: readonly string[],
  ): readonly string[] => [
    `First deploy: what adds ${shown(table, column)}, together with the version of the application that writes it in every INSERT and still reads it as one that may be NULL. Leave out of this deploy: ${files.join(', ')}.${tool === 'prisma' ? ' Generate the client of Prisma for this deploy with the field optional in schema.prisma: after this fix it stands there as it is after the second deploy.' : ''}`,
    ...then,
    `Second deploy, when no older version of the application runs any more: ${files.join(', ')}.`,
  ],
};

function shown(table: string, column: string): string {
  return `${quoteIdentifier(table)}.${quoteIdentifier(column)}`;
}
