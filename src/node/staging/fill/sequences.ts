import type { ColumnShape } from './tableShape.ts';

/** The sequence that a column's default takes its values from, as a literal of the server's own; null: by pg_get_serial_sequence. */
export function sequenceOf(column: ColumnShape): string | null {
  return /^nextval\(('(?:[^']|'')*'::regclass)\)$/.exec(column.default ?? '')?.[1] ?? null;
}
