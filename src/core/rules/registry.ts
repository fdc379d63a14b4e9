import { addColumnConstrainedDomain } from './catalogue/add-column-constrained-domain.ts';
import { addColumnGeneratedStored } from './catalogue/add-column-generated-stored.ts';
import { addColumnSerial } from './catalogue/add-column-serial.ts';
import { addColumnVolatileDefault } from './catalogue/add-column-volatile-default.ts';
import { addRequiredColumn } from './catalogue/add-required-column.ts';
import { attachPartitionScan } from './catalogue/attach-partition-scan.ts';
import { blockingWork } from './catalogue/blocking-work.ts';
import { changeColumnType } from './catalogue/change-column-type.ts';
import { checkNotValid } from './catalogue/check-not-valid.ts';
import { detachPartitionConcurrently } from './catalogue/detach-partition-concurrently.ts';
import { domainConstraint } from './catalogue/domain-constraint.ts';
import { dropColumn } from './catalogue/drop-column.ts';
import { dropIndexConcurrently } from './catalogue/drop-index-concurrently.ts';
import { dropTable } from './catalogue/drop-table.ts';
import { refusedStatement } from './catalogue/refused-statement.ts';
import { pendingTriggerEvents } from './catalogue/pending-trigger-events.ts';
import { unfilledColumn } from './catalogue/unfilled-column.ts';
import { enumValueInTransaction } from './catalogue/enum-value-in-transaction.ts';
import { excludeConstraint } from './catalogue/exclude-constraint.ts';
import { foreignKeyNotValid } from './catalogue/foreign-key-not-valid.ts';
import { lockHeldThroughWork } from './catalogue/lock-held-through-work.ts';
import { missingBaseline } from './catalogue/missing-baseline.ts';
import { notAnalysed } from './catalogue/not-analysed.ts';
import { notInTransaction } from './catalogue/not-in-transaction.ts';
import { primaryKeyUsingIndex } from './catalogue/primary-key-using-index.ts';
import { renameColumn } from './catalogue/rename-column.ts';
import { renameSchema } from './catalogue/rename-schema.ts';
import { renameTable } from './catalogue/rename-table.ts';
import { requireConcurrentIndex } from './catalogue/require-concurrent-index.ts';
import { requireConcurrentRefresh } from './catalogue/require-concurrent-refresh.ts';
import { requireConcurrentReindex } from './catalogue/require-concurrent-reindex.ts';
import { rewriteTable } from './catalogue/rewrite-table.ts';
import { setNotNull } from './catalogue/set-not-null.ts';
import { syntaxError } from './catalogue/syntax-error.ts';
import { truncateTable } from './catalogue/truncate-table.ts';
import { unreadableText } from './catalogue/unreadable-text.ts';
import { unbatchedDml } from './catalogue/unbatched-dml.ts';
import { uniqueUsingIndex } from './catalogue/unique-using-index.ts';
import { waiverExpired } from './catalogue/waiver-expired.ts';
import { waiverReason } from './catalogue/waiver-reason.ts';
import { waiverUnused } from './catalogue/waiver-unused.ts';
import { mysqlIndexAndForeignKey } from './catalogue/mysql-index-and-foreign-key.ts';
import { mysqlRenameAndDrop } from './catalogue/mysql-rename-and-drop.ts';
import { mysqlTableCopy } from './catalogue/mysql-table-copy.ts';
import { backfillWithDdl } from './catalogue/backfill-with-ddl.ts';
import { severalTablesLocked } from './catalogue/several-tables-locked.ts';
import { lockOrder } from './catalogue/lock-order.ts';
import { concurrentIndexIfNotExists } from './catalogue/concurrent-index-if-not-exists.ts';
import { concurrentlyUnderAdvisoryLock } from './catalogue/concurrently-under-advisory-lock.ts';
import { flywayMixedTransactions } from './catalogue/flyway-mixed-transactions.ts';
import { neverValidated } from './catalogue/never-validated.ts';
import { notEnforced } from './catalogue/not-enforced.ts';
import { editedAfterMerge } from './catalogue/edited-after-merge.ts';
import { outOfOrder } from './catalogue/out-of-order.ts';
import { rollbackMissing } from './catalogue/rollback-missing.ts';
import { rollbackOutdated } from './catalogue/rollback-outdated.ts';
import { securityDefinerSearchPath } from './catalogue/security-definer-search-path.ts';
import { rowSecurityOff } from './catalogue/row-security-off.ts';
import { policyWithoutRowSecurity } from './catalogue/policy-without-row-security.ts';
import { grantToPublic } from './catalogue/grant-to-public.ts';
import { lockTimeout } from './catalogue/lock-timeout.ts';
import { stillUsedByCode } from './catalogue/still-used-by-code.ts';
import { autovacuumOff } from './catalogue/autovacuum-off.ts';
import { disableTrigger } from './catalogue/disable-trigger.ts';
import { domainWithCheck } from './catalogue/domain-with-check.ts';
import { dropCascade } from './catalogue/drop-cascade.ts';
import { dropDatabase } from './catalogue/drop-database.ts';
import { dropDefault } from './catalogue/drop-default.ts';
import { dropIndexBeforeReplacement } from './catalogue/drop-index-before-replacement.ts';
import { dropNotNull } from './catalogue/drop-not-null.ts';
import { dropPrimaryKey } from './catalogue/drop-primary-key.ts';
import { duplicateAssignment } from './catalogue/duplicate-assignment.ts';
import { duplicateIndex } from './catalogue/duplicate-index.ts';
import { enumValueOrder } from './catalogue/enum-value-order.ts';
import { foreignKeyWithoutIndex } from './catalogue/foreign-key-without-index.ts';
import { identifierTooLong } from './catalogue/identifier-too-long.ts';
import { lockTable } from './catalogue/lock-table.ts';
import { nameConstraints } from './catalogue/name-constraints.ts';
import { noChar } from './catalogue/no-char.ts';
import { partialFailure } from './catalogue/partial-failure.ts';
import { preferBigint } from './catalogue/prefer-bigint.ts';
import { preferIdentity } from './catalogue/prefer-identity.ts';
import { preferIfExists } from './catalogue/prefer-if-exists.ts';
import { preferJsonb } from './catalogue/prefer-jsonb.ts';
import { preferText } from './catalogue/prefer-text.ts';
import { preferTimestamptz } from './catalogue/prefer-timestamptz.ts';
import { renameEnumValue } from './catalogue/rename-enum-value.ts';
import { requireSchemaName } from './catalogue/require-schema-name.ts';
import { sequenceAfterLoad } from './catalogue/sequence-after-load.ts';
import { supabaseRowSecurity } from './catalogue/supabase-row-security.ts';
import { tableWithoutPrimaryKey } from './catalogue/table-without-primary-key.ts';
import { transactionInScript } from './catalogue/transaction-in-script.ts';
import { uncommittedTransaction } from './catalogue/uncommitted-transaction.ts';
import { wideIndex } from './catalogue/wide-index.ts';
import { partitionsMadeElsewhere } from './catalogue/partitions-made-elsewhere.ts';
import type { Rule } from './rule.ts';

/** Every rule, in the order in which they are asked and listed: `blocking-work`, the net under the others, comes last. */
export const RULES: readonly Rule[] = [
  requireConcurrentIndex,
  addColumnVolatileDefault,
  addColumnSerial,
  addColumnGeneratedStored,
  addColumnConstrainedDomain,
  addRequiredColumn,
  primaryKeyUsingIndex,
  setNotNull,
  changeColumnType,
  foreignKeyNotValid,
  checkNotValid,
  uniqueUsingIndex,
  excludeConstraint,
  attachPartitionScan,
  domainConstraint,
  rewriteTable,
  requireConcurrentReindex,
  requireConcurrentRefresh,
  renameTable,
  renameColumn,
  renameSchema,
  stillUsedByCode,
  dropColumn,
  dropTable,
  truncateTable,
  dropIndexConcurrently,
  detachPartitionConcurrently,
  unbatchedDml,
  notInTransaction,
  enumValueInTransaction,
  refusedStatement,
  unfilledColumn,
  pendingTriggerEvents,
  lockHeldThroughWork,
  backfillWithDdl,
  severalTablesLocked,
  lockOrder,
  concurrentIndexIfNotExists,
  concurrentlyUnderAdvisoryLock,
  flywayMixedTransactions,
  neverValidated,
  notEnforced,
  editedAfterMerge,
  outOfOrder,
  rollbackMissing,
  rollbackOutdated,
  securityDefinerSearchPath,
  rowSecurityOff,
  policyWithoutRowSecurity,
  grantToPublic,
  lockTimeout,
  autovacuumOff,
  disableTrigger,
  dropCascade,
  dropDatabase,
  dropDefault,
  dropIndexBeforeReplacement,
  dropNotNull,
  dropPrimaryKey,
  duplicateAssignment,
  duplicateIndex,
  foreignKeyWithoutIndex,
  identifierTooLong,
  lockTable,
  renameEnumValue,
  sequenceAfterLoad,
  supabaseRowSecurity,
  tableWithoutPrimaryKey,
  transactionInScript,
  uncommittedTransaction,
  mysqlTableCopy,
  mysqlIndexAndForeignKey,
  mysqlRenameAndDrop,
  syntaxError,
  unreadableText,
  notAnalysed,
  missingBaseline,
  waiverReason,
  waiverExpired,
  waiverUnused,
  domainWithCheck,
  enumValueOrder,
  nameConstraints,
  noChar,
  preferBigint,
  preferIdentity,
  preferIfExists,
  preferJsonb,
  preferText,
  preferTimestamptz,
  requireSchemaName,
  wideIndex,
  partialFailure,
  partitionsMadeElsewhere,
  blockingWork,
];
