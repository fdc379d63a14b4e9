import type { StatementAnalysis } from '../../core/analyze.ts';
import { closesTransaction, opensTransaction } from '../../core/sql/commandTag.ts';

/**
 * What is sent to the server as one unit: a transaction, or one statement that runs by itself. Retries and
 * measurements go by steps, for apply and for staging alike, so that both run a script the same way.
 */
export interface ExecutionStep {
  readonly statements: readonly StatementAnalysis[];
  readonly kind:
    /** Lockkeeper sends BEGIN and COMMIT around it, as the tool (or the server, for one query of several statements) does. */
    | 'wrapped'
    /** The script's own BEGIN and COMMIT are among the statements. */
    | 'scripted'
    /** One statement, autocommit. */
    | 'single';
}

/** Does the statement only open or close a transaction block? */
export function isTransactionControl(kind: string): boolean {
  return opensTransaction(kind) || closesTransaction(kind);
}

/**
 * A migration's statements in steps, from the transactions that the analysis found for the tool's way of running.
 *
 * One query of several statements is sent as BEGIN, the statements, COMMIT: the server's implicit transaction block
 * behaves the same for all that a script without transaction control of its own can do
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT).
 */
export function executionPlan(statements: readonly StatementAnalysis[]): ExecutionStep[] {
  const steps: { statements: StatementAnalysis[]; kind: ExecutionStep['kind']; id: number | null }[] = [];
  let scripted = false;
  for (const analysis of statements) {
    const { id, openedBy } = analysis.transaction;
    const { kind } = analysis.statement;
    const last = steps.at(-1);
    if (scripted && last) {
      last.statements.push(analysis);
      scripted = !closesTransaction(kind);
    } else if (id !== null && last?.id === id) {
      last.statements.push(analysis);
    } else if (opensTransaction(kind) && (id === null || openedBy === 'script')) {
      steps.push({ statements: [analysis], kind: 'scripted', id });
      scripted = true;
    } else if (id !== null && openedBy !== 'script') {
      steps.push({ statements: [analysis], kind: 'wrapped', id });
    } else {
      steps.push({ statements: [analysis], kind: 'single', id: null });
    }
  }
  return steps.map(({ statements: members, kind }) => ({ statements: members, kind }));
}

/** What is sent: the text that was digested, so with LF at its line ends (`digestedText`). */
export function statementSql({ statement }: StatementAnalysis): string {
  return statement.text.replaceAll('\r\n', '\n');
}
