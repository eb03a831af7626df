import type { Terminal } from '../terminal.ts';
import type { Access } from './operator/deployment-options.ts';

/** What a command reaches outside this program. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** How the clients of AWS reach it. Loads the SDK's search for credentials. */
  readonly access: Access;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly fetch: typeof fetch;
  /** @returns false where no browser could be started. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  readonly pause: (milliseconds: number) => Promise<void>;
}
