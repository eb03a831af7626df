import { configFolder } from '../config-folder.ts';
import type { LocalProduct } from '../local-product.ts';
import { type Connection, findConnection, withConnection, withoutConnection } from './connection.ts';
import { openConnectionFile } from './connection-file.ts';

/** The connection to the product that runs on this machine. */
const NAME = 'dev';

/** What the command line needs of a product to sign in to it. */
export type ConnectableProduct = Pick<LocalProduct, 'managementUrl' | 'managementKey' | 'workspace'>;

export interface LocalConnection {
  /** Tells a person how to use the command line with the product. */
  readonly sentence: string;
  /** Forgets the connection again, because its key ends with the run. */
  readonly disconnect: () => void;
}

/**
 * Signs the command line in to a local product. It becomes the current connection only where there was none: a command that was meant
 * for another deployment must not go elsewhere, nor the other way round.
 */
export function connectCommandLine(
  { managementUrl, managementKey, workspace }: ConnectableProduct,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): LocalConnection {
  const connection: Connection = {
    url: managementUrl,
    workspace,
    credential: { kind: 'key', secret: managementKey },
  };
  try {
    const file = openConnectionFile(configFolder(environment, platform), platform);
    file.update((all) => withConnection(all, NAME, connection));
    const isCurrent = file.read().current === NAME;
    const disconnect = () => {
      const now = findConnection(file.read(), NAME);
      if (JSON.stringify(now) === JSON.stringify(connection))
        file.update((all) => withoutConnection(all, NAME));
    };
    const chosen = isCurrent ? '' : ` --connection ${NAME}`;
    // In a project that has installed the package, npx runs the command.
    const keyward = environment.npm_command === 'exec' ? 'npx keyward' : 'npm run --silent keyward --';
    return {
      sentence: `The command line is signed in to it: ${keyward} keys list${chosen}`,
      disconnect,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'The connection could not be kept.';
    return { sentence: `The command line is not signed in to it. ${reason}`, disconnect: () => {} };
  }
}
