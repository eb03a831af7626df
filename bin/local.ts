import { Command, InvalidArgumentError } from 'commander';
import { InvalidProfile } from '../core/invalid.ts';
import { InvalidSetting } from '../lib/settings.ts';
import { CannotRun, type LogLine, startDynamoDb } from '../local/index.ts';
import { profileArgument } from './commands/profiles.ts';
import { committedSettings } from './committed-settings.ts';
import { type LocalProduct, runProduct } from './local-product.ts';
import { synthesizeProduct } from './synthesized-product.ts';
import { shownLine } from './terminal.ts';
import { welcome } from './welcome.ts';

/** `npm start`: the whole product on one machine, from the stacks that would be deployed. */
interface Options {
  readonly profile?: string;
  readonly port: number;
  readonly json: boolean;
  readonly cacheSeconds?: string;
}

const LAST_FIRST_PORT = 65_533;

const options = new Command('npm start --')
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
  .option('--json', 'print one line of JSON on stdout when ready', false)
  .parse()
  .opts<Options>();

const stops: (() => Promise<void>)[] = [];

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await stopAll();
    process.exit(0);
  });
}

try {
  const product = await start();
  if (options.json) console.log(JSON.stringify(readyLine(product)));
  else console.error(welcome(product));
} catch (error) {
  const isSentence = [CannotRun, InvalidProfile, InvalidSetting].some((kind) => error instanceof kind);
  if (!isSentence) console.error(error);
  else console.error(`keyward: ${(error as Error).message}`);
  await stopAll();
  process.exit(1);
}

/** Java comes first, since a machine may lack it: the stacks need not be synthesized to find that out. */
async function start(): Promise<LocalProduct> {
  const { endpoint, stop } = await startDynamoDb();
  stops.push(stop);
  const { profile = committedSettings().profile, cacheSeconds: seconds } = options;
  const product = synthesizeProduct(profile, seconds === undefined ? {} : { 'cache-seconds': seconds });
  const running = await runProduct({
    product,
    dynamodbEndpoint: endpoint,
    port: options.port,
    log: printLine,
  });
  stops.push(() => running.assembly.stop());
  return running;
}

async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => {});
}

function printLine(line: LogLine): void {
  const shown = shownLine(line);
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
