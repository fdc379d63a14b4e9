import { format } from 'node:util';
import { openWorkbench, withBrowser, withCodeServer } from './codeServer.ts';
import { say } from './install.ts';
import type { NpmHost } from './install.ts';
import type { SuiteRun } from './suiteRun.ts';

/** Runs one scenario's suite in the npm-made host. The results are in the scenario's results file; errors that the editor logs are passed on. */
export async function runInNpmHost(host: NpmHost, run: SuiteRun): Promise<void> {
  await withCodeServer(host, { trusted: run.trusted, environment: run.environment }, (server) =>
    withBrowser(host, async (browser) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      let exit: (code: number) => void = () => undefined;
      const ended = new Promise<number>((resolve) => {
        exit = resolve;
      });
      await page.exposeFunction('codeAutomationExit', exit);
      await page.exposeFunction('codeAutomationLog', (kind: string, parts: readonly unknown[]) => {
        const text = format(...parts);
        if (kind === 'error' && /lockkeeper|suite/i.test(text)) say(text);
      });
      await openWorkbench(
        page,
        server.address(run.folder, [
          ['extensionDevelopmentPath', server.remote(run.extension)],
          ['extensionTestsPath', server.remote(run.suite)],
          ['skipWelcome', 'true'],
        ]),
      );
      await Promise.race([ended, stopsAfter(300_000)]);
    }),
  );
}

function stopsAfter(milliseconds: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(reject, milliseconds, new Error(`The suite did not end in ${String(milliseconds / 1000)} s.`)).unref();
  });
}
