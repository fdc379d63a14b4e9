import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { ROOT } from '../launch/install.ts';

/** One theme of each kind, as the editor lists them and as it marks its window. */
const THEMES = [
  { kind: 'light', title: 'Light Modern', drawn: 'vs' },
  { kind: 'high-contrast', title: 'Dark High Contrast', drawn: 'hc-black' },
  { kind: 'dark', title: 'Dark Modern', drawn: 'vs-dark' },
] as const;

/** In the page: the tree's rows from top to bottom, each with its migration's. The list does not keep them in order. */
const ROW_TEXTS = `
function rowTexts() {
  const rows = [...document.querySelectorAll('[role=treeitem]')];
  rows.sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top);
  let migration = '';
  return rows.map((row) => {
    const text = row.getAttribute('aria-label') ?? '';
    if (text.startsWith('Migration ')) migration = text;
    return [migration, text];
  });
}`;

/** A person in front of the workbench: keyboard, mouse and eyes. Waits for what is seen, never for time. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Runs a command from the palette, by its title with category. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget:visible input');
    await input.fill(`>${title}`);
    await this.#choice(title).click();
  }

  /** Chooses an entry of an open list. */
  async choose(label: string | RegExp): Promise<void> {
    await this.#choice(label).click();
  }

  /** Chooses from the open list of code actions, by keyboard: a shield keeps the mouse off it. */
  async chooseAction(label: string): Promise<void> {
    const rows = this.page.locator('.action-widget .monaco-list-row');
    await rows.filter({ hasText: label }).waitFor();
    const focused = this.page.locator('.action-widget .monaco-list-row.focused');
    for (let left = await rows.count(); left > 0; left--) {
      const text = await focused.innerText();
      if (text.includes(label)) break;
      const place = await focused.getAttribute('data-index');
      await this.page.keyboard.press('ArrowDown');
      await this.page.locator(`.action-widget .monaco-list-row.focused:not([data-index="${String(place)}"])`).waitFor();
    }
    await focused.filter({ hasText: label }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Answers an open input box. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible input');
    await input.fill(text);
    await input.press('Enter');
  }

  /** Presses a button of a modal dialog or a notification. */
  async press(label: string): Promise<void> {
    await this.page
      .locator('.monaco-dialog-box, .notification-toast')
      .getByRole('button', { name: label, exact: true })
      .click();
  }

  /** A notification that holds this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notification-toast').first().waitFor({ state: 'hidden' });
  }

  /** A row of Lockkeeper's tree, by what a screen reader is told. */
  row(label: RegExp): Locator {
    return this.page.getByRole('treeitem', { name: label }).first();
  }

  /** Settles when a stage's row of that migration says this. */
  async untilStage(migration: string, label: RegExp): Promise<void> {
    const expression = `rowTexts().some(([migration, text]) =>
      migration.startsWith(${JSON.stringify(`Migration ${migration}`)}) && ${String(label)}.test(text))`;
    await this.page.waitForFunction(`(() => { ${ROW_TEXTS}; return ${expression}; })()`);
  }

  /** Ids of the migrations that the tree shows as new. */
  async newMigrations(): Promise<readonly string[]> {
    const labels = await this.page
      .getByRole('treeitem', { name: /^Migration .*, .*: / })
      .evaluateAll((rows) =>
        (rows as unknown as readonly { getAttribute(name: string): string | null }[]).map(
          (row) => row.getAttribute('aria-label') ?? '',
        ),
      );
    return labels.map((label) => /^Migration ([^,]+),/.exec(label)?.[1] ?? '');
  }

  /**
   * Opens a migration from the tree. Settles when the editor shows it: a command given earlier would be about the file
   * shown before.
   *
   * @param text a line of its script
   */
  async openMigration(migration: string, text: string): Promise<void> {
    const row = this.row(new RegExp(`^Migration ${escape(migration)}`));
    const breadcrumbs = this.page.locator('.breadcrumbs-control', { hasText: migration }).first();
    await row.click();
    // A tree that was just filling may have moved the row from under the mouse: a person would click again.
    await breadcrumbs.waitFor({ timeout: 10_000 }).catch(() => row.click());
    await breadcrumbs.waitFor();
    await this.line(text).waitFor({ state: 'attached' });
  }

  /** Puts the cursor at the beginning of a text in the active editor. */
  async cursorTo(text: string): Promise<void> {
    await this.line(text).click();
    await this.page.keyboard.press('Home');
  }

  /** Puts the cursor and the focus on a line of the active editor, from 1. */
  async goToLine(line: number): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget:visible input');
    await input.fill(`:${String(line)}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Go to line' }).waitFor();
    await input.press('Enter');
    await this.page.getByText(`Ln ${String(line)}, `).waitFor();
  }

  /** One of Lockkeeper's parts of the status bar, by what a screen reader is told. */
  statusItem(label: string | RegExp): Locator {
    return this.page.locator('.statusbar').getByRole('button', { name: label }).first();
  }

  async openSidebar(): Promise<void> {
    await this.page.locator('.activitybar').getByRole('tab', { name: 'Lockkeeper' }).click();
  }

  /** The line of the editor that holds the text. */
  line(text: string): Locator {
    // The editor draws blanks as no-break spaces.
    return this.page.locator('.view-line', { hasText: new RegExp(escape(text).replaceAll(' ', '\\s')) }).first();
  }

  /** What the active panel's page shows. */
  webview(): ReturnType<Page['frameLocator']> {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /**
   * Keeps a picture of the window in every theme; the last one, dark, stays.
   *
   * @param show brings up what a change of the theme would close: a hover, a list
   */
  async picture(name: string, show?: () => Promise<void>): Promise<void> {
    const folder = path.join(ROOT, 'out/screenshots');
    mkdirSync(folder, { recursive: true });
    for (const { kind, title, drawn } of THEMES) {
      // What is shown would take the keys; on the last round it stays.
      if (show !== undefined) await this.page.keyboard.press('Escape');
      await this.command('Preferences: Color Theme');
      await this.page.locator('.quick-input-widget:visible input').fill(title);
      await this.#choice(title).click();
      await this.page.locator(`.monaco-workbench.${drawn}`).waitFor({ state: 'attached' });
      await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
      await show?.();
      await this.page.screenshot({ path: path.join(folder, `${name}-${kind}.png`) });
    }
  }

  /** Keeps a picture of the window as it is. */
  async snapshot(name: string): Promise<void> {
    const folder = path.join(ROOT, 'out/screenshots');
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  #choice(label: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
