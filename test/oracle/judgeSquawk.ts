import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { squawkCommand } from '../../scripts/bench/squawk.ts';
import type { JudgedStatement } from './judgeReplay.ts';

/** squawk's rules about statements that block for as long as a table is large, or fail on rows or in a transaction. */
const ALARMS: ReadonlySet<string> = new Set([
  'adding-field-with-default',
  'adding-foreign-key-constraint',
  'adding-not-nullable-field',
  'adding-required-field',
  'adding-serial-primary-key-field',
  'ban-alter-domain-with-add-constraint',
  'ban-concurrent-index-creation-in-transaction',
  'changing-column-type',
  'constraint-missing-not-valid',
  'disallowed-unique-constraint',
  'prefer-repack',
  'require-concurrent-index-creation',
  'require-concurrent-reindex',
]);

/** Whether squawk raises such an alarm at each statement, the files given to it as the server took them; null: no squawk. */
export function squawkAlarms(judged: readonly JudgedStatement[]): readonly boolean[] | null {
  const command = squawkCommand();
  if (command === null) return null;
  const folder = mkdtempSync(join(tmpdir(), 'judge-squawk-'));
  try {
    const places = new Map<string, number[]>();
    const texts = new Map<string, string>();
    for (const [position, { path, text }] of judged.entries()) {
      const before = texts.get(path) ?? '';
      const lines = places.get(path) ?? [];
      const piece = `${text};\n`;
      for (let line = piece.split('\n').length - 1; line > 0; line--) lines.push(position);
      places.set(path, lines);
      texts.set(path, before + piece);
    }
    const files = [...texts].map(([path, text], index): [string, string] => {
      const file = join(folder, String(index), 'file.sql');
      mkdirSync(join(folder, String(index)));
      writeFileSync(file, text);
      return [file, path];
    });
    const alarms = judged.map(() => false);
    for (let first = 0; first < files.length; first += 200) {
      const part = files.slice(first, first + 200);
      const { stdout } = spawnSync(command, ['--reporter', 'json', ...part.map(([file]) => file)], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      const found = JSON.parse(stdout || '[]') as { file: string; line: number; rule_name: string }[];
      const names = new Map(part);
      for (const { file, line, rule_name: rule } of found) {
        const position = places.get(names.get(file) ?? '')?.[line];
        if (ALARMS.has(rule) && position !== undefined) alarms[position] = true;
      }
    }
    return alarms;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
