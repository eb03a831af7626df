import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidDeployment, readDeploymentFile } from '../lib/deployment-file.ts';
import { CannotRun, type LogLine, startDynamoDb } from '../local/index.ts';
import { connectCommandLine } from './connections/local-connection.ts';
import { type LocalProduct, runProduct } from './local-product.ts';
import { forTerminal } from './output.ts';
import { assertPortsAreFree, type StartedAs } from './start-checks.ts';
import type { StartOptions } from './start-options.ts';
import { type Refusals, shownLine, welcome } from './start-output.ts';
import { startSynthesis } from './synthesis.ts';

/**
 * Runs a whole product on this machine, from the stacks that would be deployed, until a signal ends the process.
 * @param check what has to hold before anything is built.
 */
export async function runLocally(
  options: StartOptions,
  { startedAs, check }: { readonly startedAs: StartedAs; readonly check?: () => void },
): Promise<void> {
  const stops: (() => Promise<void> | void)[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = () => {
    stopping ??= (async () => {
      for (const stop of stops.toReversed()) await (async () => stop())().catch(() => {});
    })();
    return stopping;
  };
  // SIGHUP says that the terminal was closed. Nothing can be written to it any more.
  process.stderr.on('error', () => {});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      await stopAll();
      process.exit(0);
    });
  }
  try {
    check?.();
    const product = await start({ options, startedAs, stops });
    if (options.json) console.log(JSON.stringify(readyLine(product)));
    else {
      console.error(welcome(product));
      const { sentence, disconnect } = connectCommandLine(product, process.env, process.platform);
      stops.push(disconnect);
      console.error(forTerminal(`${sentence}\n`));
    }
  } catch (error) {
    // A signal stops the parts of a start, and they then fail. That is no news.
    if (stopping === undefined) tell(error);
    await stopAll();
    process.exit(1);
  }
}

interface Start {
  readonly options: StartOptions;
  readonly startedAs: StartedAs;
  /** Gets what ends each part of the run. */
  readonly stops: (() => Promise<void> | void)[];
}

async function start({ options, startedAs, stops }: Start): Promise<LocalProduct> {
  const { profile = readDeploymentFile().profile, cacheSeconds: seconds, port } = options;
  const { allowedOrigins, consoleFrameOrigins } = options;
  await assertPortsAreFree(port, startedAs);
  if (process.stderr.isTTY && !options.json) console.error(`Starting ${profile}, which takes some seconds …`);
  const synthesis = startSynthesis(profile, {
    // The page calls the sample's API, which lets in the origin of this address.
    console: {
      url: `http://127.0.0.1:${port}/console/`,
      ...(consoleFrameOrigins !== undefined && { frame_origins: consoleFrameOrigins }),
    },
    ...(seconds !== undefined && { cache_seconds: seconds }),
    ...(allowedOrigins !== undefined && { allowed_origins: allowedOrigins }),
  });
  stops.push(synthesis.stop);
  const [product, { endpoint, stop }] = await Promise.all([synthesis.product, startDynamoDb()]);
  stops.push(stop);
  const refusals: Refusals = new Map();
  const log = (line: LogLine) => {
    const shown = shownLine(line, refusals);
    if (shown !== undefined) console.error(shown);
  };
  const running = await runProduct({ product, dynamodbEndpoint: endpoint, port, log });
  stops.push(() => running.assembly.stop());
  return running;
}

function tell(error: unknown): void {
  const isSentence = [CannotRun, InvalidProfile, InvalidDeployment].some((kind) => error instanceof kind);
  console.error(isSentence ? `keyward: ${forTerminal((error as Error).message)}` : error);
}

function readyLine({
  profile,
  managementUrl,
  apiUrl,
  issuerUrl,
  consoleUrl,
  managementKey,
  workspace,
  users,
}: LocalProduct) {
  return {
    ready: true,
    profile: profile.name,
    management_url: managementUrl,
    api_url: apiUrl,
    console_url: consoleUrl ?? null,
    issuer_url: issuerUrl,
    management_key: managementKey,
    workspace,
    users,
  };
}
