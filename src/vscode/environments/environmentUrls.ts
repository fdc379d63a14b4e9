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
    await this.#state.update(LIST, [...new Set([...this.names(folder), environment].map((name) => key(folder, name)))]);
  }

  async forget(folder: string, environment: string): Promise<void> {
    await this.#secrets.delete(key(folder, environment));
    const left = this.names(folder).filter((name) => name !== environment);
    await this.#state.update(
      LIST,
      left.map((name) => key(folder, name)),
    );
  }

  /** Environments of the folder that have a URL here. */
  names(folder: string): readonly string[] {
    const keys = this.#state.get<readonly string[]>(LIST, []);
    const prefix = key(folder, '');
    return keys.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  }
}

function key(folder: string, environment: string): string {
  return `url\n${folder}\n${environment}`;
}
