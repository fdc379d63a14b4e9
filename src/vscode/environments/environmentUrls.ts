import type { Memento, SecretStorage } from 'vscode';
import type { Addresses, EnvironmentSummary } from '../engine/protocol.ts';

const LIST = 'lockkeeper.environmentUrls';

/**
 * The environments' URLs: in the editor's secret storage, by workspace folder and environment; never in a file,
 * never in a log. A list of the names alone is kept beside, since secrets can't be listed.
 */
export class EnvironmentUrls {
  readonly #secrets: SecretStorage;
  readonly #state: Memento;

  constructor(secrets: SecretStorage, state: Memento) {
    this.#secrets = secrets;
    this.#state = state;
  }

  /** Every URL that is kept for the folder. */
  async addresses(folder: string): Promise<Addresses> {
    const found: Record<string, string> = {};
    for (const name of this.names(folder)) {
      const url = await this.#secrets.get(key(folder, name));
      if (url !== undefined) found[name] = url;
    }
    return found;
  }

  /** Is there a URL for it, here or on the machine? */
  knows(folder: string, environment: EnvironmentSummary): boolean {
    return environment.source !== null || this.names(folder).includes(environment.name);
  }

  async set(folder: string, environment: string, url: string): Promise<void> {
    await this.#secrets.store(key(folder, environment), url);
    await this.#state.update(LIST, [...new Set([...this.#keys(), key(folder, environment)])]);
  }

  async forget(folder: string, environment: string): Promise<void> {
    const forgotten = key(folder, environment);
    await this.#secrets.delete(forgotten);
    await this.#state.update(
      LIST,
      this.#keys().filter((one) => one !== forgotten),
    );
  }

  /** Environments of the folder that have a URL here. */
  names(folder: string): readonly string[] {
    const prefix = key(folder, '');
    return this.#keys()
      .filter((one) => one.startsWith(prefix))
      .map((one) => one.slice(prefix.length));
  }

  /** Of all folders of the workspace. */
  #keys(): readonly string[] {
    return this.#state.get<readonly string[]>(LIST, []);
  }
}

function key(folder: string, environment: string): string {
  return `url\n${folder}\n${environment}`;
}
