import { EXAMPLE_SCHEMA } from '../support/exampleSchema.ts';
import { RULES } from '../../src/core/rules/registry.ts';
import type { Example } from '../../src/core/rules/rule.ts';
import { compareScripts } from './histories.ts';
import type { OracleSession } from './session.ts';
import type { Tally } from './tally.ts';

/** Runs every example of every rule (those in PostgreSQL's dialect) after the schema that they are written for. */
export async function compareExamples(session: OracleSession, tally: Tally): Promise<void> {
  for (const { id, examples } of RULES) {
    for (const example of [...examples.bad, ...examples.good]) {
      const { sql, earlier, withoutSchema, dialect }: Example =
        typeof example === 'string' ? { sql: example } : example;
      if (dialect === 'mysql') continue;
      const scripts = [
        { path: '1-schema.sql', text: withoutSchema === true ? '' : EXAMPLE_SCHEMA, compared: false },
        { path: '2-earlier.sql', text: earlier ?? '', compared: true },
        { path: '3-example.sql', text: sql, compared: true },
      ];
      const { asTheyRan, asTheyAre } = await compareScripts(session, id, scripts);
      // Some examples show what fails: those statements are counted as refused.
      asTheyRan.refused = asTheyAre.refused;
      tally.merge(asTheyRan);
    }
  }
}
