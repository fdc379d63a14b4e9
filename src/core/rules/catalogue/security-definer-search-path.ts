import type { CreateFunctionStmt, Node } from '@pgsql/types';
import { resolveFunctions } from '../../catalog/lookup.ts';
import { definitionElement, nameParts, nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const securityDefinerSearchPath = defineMigrationRule({
  id: 'security-definer-search-path',
  wants: ({ statement }) => unsafeFunction(statement.tree) !== null,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Fix the search_path of SECURITY DEFINER functions',
    severity: 'warning',
    cause: 'hygiene',
    why: "The function runs with its owner's rights, but finds unqualified names by the caller's search_path: whoever may create objects anywhere, in temporary tables at least, can put theirs in the place of yours.",
    instead: 'Add SET search_path to the function, with pg_temp last: SET search_path = pg_catalog, public, pg_temp.',
    references: ['https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY'],
    alsoKnownAs: { 'postgres-language-server': 'functionSearchPathMutable', migrationpilot: 'MP085' },
  },
  examples: {
    bad: [
      'CREATE FUNCTION total_of(customer bigint) RETURNS numeric LANGUAGE sql SECURITY DEFINER\nAS $$ SELECT sum(total) FROM orders WHERE customer_id = customer $$;',
    ],
    good: [
      'CREATE FUNCTION total_of(customer bigint) RETURNS numeric LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp\nAS $$ SELECT sum(total) FROM orders WHERE customer_id = customer $$;',
      'CREATE FUNCTION total_of(customer bigint) RETURNS numeric LANGUAGE sql\nAS $$ SELECT sum(total) FROM orders WHERE customer_id = customer $$;',
      "CREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\nALTER FUNCTION one() SET search_path = pg_catalog, pg_temp;",
    ],
  },
  check({ migration, wanted, report }) {
    for (const statement of wanted) {
      const made = unsafeFunction(statement.statement.tree);
      if (made === null) continue;
      const { schema, name } = nameParts(made.funcname);
      // An ALTER FUNCTION in the same migration may have done it.
      const later = resolveFunctions(migration.after, schema, name);
      if (later.length > 0 && later.every(({ settings }) => settings.some((each) => /^search_path\b/.test(each))))
        continue;
      report(statement, {
        what: `${made.is_procedure ? 'Procedure' : 'Function'} ${quoteIdentifier(name)} is SECURITY DEFINER and does not set its search_path.`,
      });
    }
  },
});

function unsafeFunction(tree: Node | null): CreateFunctionStmt | null {
  const made = nodeAs(tree, 'CreateFunctionStmt');
  // The names in a body of SQL (BEGIN ATOMIC, RETURN) are looked up once, when the function is made.
  return !made || made.sql_body || !runsAsOwner(made) || setsSearchPath(made) ? null : made;
}

function runsAsOwner({ options }: CreateFunctionStmt): boolean {
  const security = definitionElement(options, 'security');
  return nodeAs(security?.arg, 'Boolean')?.boolval === true;
}

function setsSearchPath({ options = [] }: CreateFunctionStmt): boolean {
  return options.some((node) => {
    const element = nodeAs(node, 'DefElem');
    return element?.defname === 'set' && nodeAs(element.arg, 'VariableSetStmt')?.name === 'search_path';
  });
}
