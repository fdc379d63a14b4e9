import { dbmate } from './dbmate.ts';
import { flyway } from './flyway.ts';
import { goose } from './goose.ts';
import { golangMigrate } from './golangMigrate.ts';
import { plain } from './plain.ts';
import { prisma } from './prisma.ts';
import { sqitch } from './sqitch.ts';
import { supabase } from './supabase.ts';
import type { ToolId } from './tool.ts';
import type { ToolDefinition } from './toolDefinition.ts';

/** Every migration tool that Lockkeeper knows. */
export const TOOLS: Readonly<Record<ToolId, ToolDefinition>> = {
  plain,
  'golang-migrate': golangMigrate,
  dbmate,
  goose,
  sqitch,
  prisma,
  supabase,
  flyway,
};

export const TOOL_IDS = Object.keys(TOOLS) as readonly ToolId[];
