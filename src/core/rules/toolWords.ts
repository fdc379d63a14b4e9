import type { ToolId } from '../tools/tool.ts';

/** The tools' names as their users write them. */
export const TOOL_NAMES: Readonly<Record<ToolId, string>> = {
  plain: 'the way this file is run',
  'golang-migrate': 'golang-migrate',
  dbmate: 'dbmate',
  prisma: 'Prisma',
  supabase: 'Supabase',
  flyway: 'Flyway',
};
