/**
 * SQL of a recipe: goes through `orders` by its bigint key in batches, each committed. For the rules' prose; a fix that
 * knows the table's key makes its own (`fixes/keysetBatches.ts`).
 *
 * @param assignment `number_new = number`
 * @param missing the rows that still need it
 */
export function batchRecipe(assignment: string, missing: string): string {
  return `DO $$
DECLARE
  batch_start bigint;
  batch_end bigint;
BEGIN
  SELECT id INTO batch_start FROM orders ORDER BY id LIMIT 1;
  WHILE batch_start IS NOT NULL LOOP
    SELECT id INTO batch_end FROM (
      SELECT id FROM orders WHERE id >= batch_start ORDER BY id LIMIT 5000
    ) AS batch ORDER BY id DESC LIMIT 1;
    UPDATE orders SET ${assignment}
    WHERE ${missing} AND id >= batch_start AND id <= batch_end;
    COMMIT;
    SELECT id INTO batch_start FROM orders WHERE id > batch_end ORDER BY id LIMIT 1;
  END LOOP;
END
$$;`;
}
