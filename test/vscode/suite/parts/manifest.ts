import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../../src/vscode/commandTable.ts';
import { SURFACES } from '../../../../src/vscode/settings.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly enablement?: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
    readonly walkthroughs: readonly { readonly steps: readonly { readonly completionEvents: readonly string[] }[] }[];
  };
}

export function manifest(): void {
  describe('the manifest', () => {
    const extension = vscode.extensions.getExtension('lockkeeper.lockkeeper');
    const { contributes } = extension?.packageJSON as Manifest;
    const table = Object.entries(COMMANDS).map(([name, command]) => ({ id: `lockkeeper.${name}`, ...command }));

    it('names the commands of the table, with the same titles and the same need of trust', () => {
      const inManifest = contributes.commands.map(({ command, title, enablement }) => ({
        id: command,
        title,
        needsTrust: enablement === 'isWorkspaceTrusted',
      }));
      const inTable = table.map(({ id, title, needsTrust }) => ({ id, title, needsTrust }));
      const byId = (a: { readonly id: string }, b: { readonly id: string }) => a.id.localeCompare(b.id);
      assert.deepEqual(inManifest.sort(byId), inTable.sort(byId));
    });

    it('hides from the palette what is not for it', () => {
      const hidden = (contributes.menus['commandPalette'] ?? []).filter(({ when }) => when === 'false');
      const internal = table.filter(({ palette }) => !palette);
      assert.deepEqual(hidden.map(({ command }) => command).sort(), internal.map(({ id }) => id).sort());
    });

    it('has menus and walkthrough steps for commands that exist', () => {
      const known = new Set(table.map(({ id }) => id));
      const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
      const inSteps = contributes.walkthroughs
        .flatMap(({ steps }) => steps.flatMap(({ completionEvents }) => completionEvents))
        .filter((event) => event.startsWith('onCommand:'))
        .map((event) => event.slice('onCommand:'.length));
      assert.ok(inSteps.length > 0);
      assert.deepEqual(
        [...inMenus, ...inSteps].filter((command) => !known.has(command)),
        [],
      );
    });

    it('has a switch for every surface', () => {
      const switches = Object.keys(contributes.configuration.properties).filter((name) => name.endsWith('.enabled'));
      const expected = SURFACES.map((surface) => `lockkeeper.${surface}.enabled`);
      assert.deepEqual(switches.sort(), expected.sort());
    });

    it('registers every command', async () => {
      await extension?.activate();
      const registered = new Set(await vscode.commands.getCommands(true));
      assert.deepEqual(
        table.filter(({ id }) => !registered.has(id)),
        [],
      );
    });
  });
}
