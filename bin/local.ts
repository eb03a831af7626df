import { Command, InvalidArgumentError } from 'commander';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidSetting, readCommittedSettings } from '../lib/settings.ts';
import { CannotRun, type LogLine, startDynamoDb } from '../local/index.ts';
import { profileArgument } from './commands/arguments.ts';
import { type LocalProduct, runProduct } from './local-product.ts';
import { assertNothingIsKeptByNpm } from './npm-arguments.ts';
import { forTerminal } from './output.ts';
import { assertPortsAreFree, LAST_FIRST_PORT } from './ports.ts';
import { type Refusals, shownLine } from './run-log.ts';
import { startSynthesis } from './synthesis.ts';
import { welcome } from './welcome.ts';

/** `npm start`: the whole product on one machine, from the stacks that would be deployed. */
interface Options {
  readonly profile?: string;
  readonly port: number;
  readonly json: boolean;
  readonly cacheSeconds?: string;
  readonly allowedOrigins?: string;
}

const command = new Command('npm start --')
  .description('Runs Keyward on this machine: the synthesized stacks, against DynamoDB Local.')
  .option(
    '--profile <name>',
    'a file in profiles/, or the path of one; without it, the one that cdk.json names',
    profileArgument,
  )
  .option(
    '--port <port>',
    'the management API’s; the product’s API and the sign-in issuer are on the next two',
    port,
    4000,
  )
  .option('--cache-seconds <seconds>', 'let API Gateway keep verdicts for so long, 1 to 60', cacheSeconds)
  .option(
    '--allowed-origins <origins>',
    'the origins whose pages may call the APIs, with commas between them',
  )
  .option('--json', 'print one line of JSON on stdout when ready', false)
  .allowExcessArguments()
  .parse();
const options = command.opts<Options>();

const stops: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;
const refusals: Refusals = new Map();

// SIGHUP is a terminal that was closed, to which nothing can be written any more.
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
  // What is stopped on the way fails as well, and is nothing to tell.
  if (stopping === undefined) tell(error);
  await stopAll();
  process.exit(1);
}

async function start(): Promise<LocalProduct> {
  const { profile = readCommittedSettings().profile, cacheSeconds: seconds, allowedOrigins, port } = options;
  await assertPortsAreFree(port);
  if (process.stderr.isTTY && !options.json) console.error(`Starting ${profile}, which takes some seconds …`);
  const synthesis = startSynthesis(profile, {
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
  managementKey,
  workspace,
  users,
}: LocalProduct) {
  return {
    ready: true,
    profile: profile.name,
    management_url: managementUrl,
    api_url: apiUrl,
    // Of a console, once there is one.
    console_url: null,
    issuer_url: issuerUrl,
    management_key: managementKey,
    workspace,
    users,
  };
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value <= LAST_FIRST_PORT) return value;
  throw new InvalidArgumentError(
    `It must be a whole number from 0 to ${LAST_FIRST_PORT}; 0 takes free ports.`,
  );
}

function cacheSeconds(text: string): string {
  if (/^([1-9]|[1-5]\d|60)$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a whole number from 1 to 60.');
}
