import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

/** Prisma's own schema engine (as WebAssembly), which `prisma migrate` is a front end of. */
export interface PrismaEngine {
  /** What `prisma migrate status` shows. */
  readonly diagnose: () => Promise<PrismaDiagnosis>;
  /** What `prisma migrate deploy` does; the names that it applied. */
  readonly deploy: () => Promise<string[]>;
}

export interface PrismaDiagnosis {
  readonly failedMigrationNames: readonly string[];
  readonly editedMigrationNames: readonly string[];
  readonly hasMigrationsTable: boolean;
  /** Null: database and folder agree. */
  readonly history: { readonly diagnostic: string; readonly unappliedMigrationNames?: readonly string[] } | null;
}

interface SchemaEngine {
  readonly diagnoseMigrationHistory: (input: object) => Promise<PrismaDiagnosis>;
  readonly applyMigrations: (input: object) => Promise<{ appliedMigrationNames: string[] }>;
}

const loaded = { value: false };

/**
 * @prisma/adapter-pg cuts a script at each `;`, those in a function's body or a DO block too. The engine that `prisma migrate`
 * comes with (Rust, no adapter) sends it as one simple query before 7.4, and from 7.4 on where its parser can't read it:
 * https://github.com/prisma/prisma-engines/pull/5767. This adapter does as that engine does.
 */
class WholeScripts extends PrismaPg {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    super(pool);
    this.#pool = pool;
  }

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await this.#pool.query(script);
    };
    return adapter;
  }
}

/** Runs `work` with the engine for one database and one folder of migrations. Its session, and the lock that it holds, ends with it. */
export async function withPrismaEngine<T>(
  url: string,
  migrations: readonly { readonly id: string; readonly text: string }[],
  work: (engine: PrismaEngine) => Promise<T>,
  { wholeScripts = false }: { readonly wholeScripts?: boolean } = {},
): Promise<T> {
  if (!loaded.value) load();
  loaded.value = true;
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => undefined);
  try {
    const datamodel: [string, string] = ['schema.prisma', 'datasource db { provider = "postgresql" }'];
    const engine = (await bindings.SchemaEngine.new(
      { datamodels: [datamodel] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(wholeScripts ? new WholeScripts(pool) : new PrismaPg(pool)),
    )) as unknown as SchemaEngine;
    const migrationsList = {
      baseDir: '/migrations',
      lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
      shadowDbInitScript: '',
      migrationDirectories: migrations.map(({ id, text }) => ({
        path: id,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: text } },
      })),
    };
    const filters = { externalTables: [], externalEnums: [] };
    return await work({
      diagnose: () => engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters }),
      deploy: async () => (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames,
    });
  } finally {
    await pool.end();
  }
}

/** As Prisma's CLI loads it: the package's index is made for bundlers. */
function load(): void {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = new WebAssembly.Module(readFileSync(join(folder, 'schema_engine_bg.wasm')));
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map((one) => [one.module, bindings]));
  const instance = new WebAssembly.Instance(module, imports);
  (bindings as unknown as { __wbg_set_wasm: (wasm: object) => void }).__wbg_set_wasm(instance.exports);
  instance.exports['__wbindgen_start']?.();
}

/** Node has it; the language's own library, without a browser's, does not declare it. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: (new (bytes: Uint8Array) => object) & {
      readonly imports: (module: object) => readonly { readonly module: string }[];
    };
    readonly Instance: new (
      module: object,
      imports: object,
    ) => { readonly exports: Readonly<Record<string, () => void>> };
  };
};
