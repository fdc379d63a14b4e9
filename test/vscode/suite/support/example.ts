/** Files of the example SaaS, as `prepareBranch` lays them out. */
const MIGRATIONS = 'prisma/migrations';

/** On the branch only. */
export const NEW_ID = '20260301100000_order_customer_reference';
export const NEW_MIGRATION = `${MIGRATIONS}/${NEW_ID}/migration.sql`;
/** On main. */
export const OLD_ID = '20250912081500_init';
export const OLD_MIGRATION = `${MIGRATIONS}/${OLD_ID}/migration.sql`;
