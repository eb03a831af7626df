import { readDeploymentFile } from '../lib/files/deployment-file.ts';
import { startDynamoDb } from '../local/index.ts';
import { type LocalProduct, runProduct } from './local-product.ts';
import { printLog, runUntilSignal, type Stops } from './run-until-signal.ts';
import { assertPortsAreFree, type StartedAs } from './start-checks.ts';
import type { StartOptions } from './start-options.ts';
import { welcome } from './start-output.ts';
import { startSynthesis } from './synthesis.ts';

/**
 * Runs a whole product on this machine, from the stacks that would be deployed, until a signal ends the process.
 * @param check what has to hold before anything is built.
 */
export async function runLocally(
  options: StartOptions,
  { startedAs, check }: { readonly startedAs: StartedAs; readonly check?: () => void },
): Promise<void> {
  await runUntilSignal({
    json: options.json,
    start: async (stops) => {
      check?.();
      const product = await start({ options, startedAs, stops });
      return { ready: readyLine(product), welcome: welcome(product), product };
    },
  });
}

interface Start {
  readonly options: StartOptions;
  readonly startedAs: StartedAs;
  readonly stops: Stops;
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
  const running = await runProduct({ product, dynamodbEndpoint: endpoint, port, log: printLog() });
  stops.push(() => running.assembly.stop());
  return running;
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
