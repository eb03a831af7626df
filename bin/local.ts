import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidSetting, readCommittedSettings } from '../lib/settings.ts';
import { CannotRun, type LogLine, startDynamoDb } from '../local/index.ts';
import { type LocalProduct, runProduct } from './local-product.ts';
import { forTerminal } from './output.ts';
import {
  assertNothingIsKeptByNpm,
  assertPortsAreFree,
  createStartCommand,
  type StartOptions,
} from './start-options.ts';
import { type Refusals, shownLine, welcome } from './start-output.ts';
import { startSynthesis } from './synthesis.ts';

/** `npm start`: the whole product on one machine, from the stacks that would be deployed. */
const command = createStartCommand().parse();
const options = command.opts<StartOptions>();

const stops: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;
const refusals: Refusals = new Map();

// SIGHUP says that the terminal was closed. Nothing can be written to it any more.
process.stderr.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, async () => {
    await stopAll();
    process.exit(0);
  });
}

try {
  assertNothingIsKeptByNpm(command.args, process.env);
  const product = await start();
  if (options.json) console.log(JSON.stringify(readyLine(product)));
  else console.error(welcome(product));
} catch (error) {
  // A signal stops the parts of a start, and they then fail. That is no news.
  if (stopping === undefined) tell(error);
  await stopAll();
  process.exit(1);
}

async function start(): Promise<LocalProduct> {
  const { profile = readCommittedSettings().profile, cacheSeconds: seconds, allowedOrigins, port } = options;
  await assertPortsAreFree(port);
  if (process.stderr.isTTY && !options.json) console.error(`Starting ${profile}, which takes some seconds …`);
  const synthesis = startSynthesis(profile, {
    // The page calls the sample's API, which lets in the origin of this address.
    'console-url': `http://127.0.0.1:${port}/console/`,
    ...(seconds !== undefined && { 'cache-seconds': seconds }),
    ...(allowedOrigins !== undefined && { 'allowed-origins': allowedOrigins }),
  });
  stops.push(synthesis.stop);
  const [product, { endpoint, stop }] = await Promise.all([synthesis.product, startDynamoDb()]);
  stops.push(stop);
  const running = await runProduct({ product, dynamodbEndpoint: endpoint, port, log: printLine });
  stops.push(() => running.assembly.stop());
  return running;
}

function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const stop of stops.toReversed()) await stop().catch(() => {});
  })();
  return stopping;
}

function tell(error: unknown): void {
  const isSentence = [CannotRun, InvalidProfile, InvalidSetting].some((kind) => error instanceof kind);
  console.error(isSentence ? `keyward: ${forTerminal((error as Error).message)}` : error);
}

function printLine(line: LogLine): void {
  const shown = shownLine(line, refusals);
  if (shown !== undefined) console.error(shown);
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
