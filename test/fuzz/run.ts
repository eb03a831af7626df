import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseProfileArgument } from '../../bin/commands/arguments.ts';
import { type LocalProduct, runProduct } from '../../bin/local-product.ts';
import { startSynthesis } from '../../bin/synthesis.ts';
import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { requirementOf } from '../../core/access/scope.ts';
import { startDynamoDb } from '../../local/index.ts';
import { findPython, installPackage } from '../clients/python.ts';
import { send, signIn } from '../product.ts';
import { type ObservingProxy, type RenewableCredential, startObservingProxy } from './observing-proxy.ts';
import { fuzz, SCHEMATHESIS_VERSION } from './schemathesis.ts';

interface FuzzOptions {
  readonly profile: string;
  readonly calls: number;
  readonly seed: number;
  readonly schemathesis?: string | undefined;
}

/** `npm run test:fuzz`: a public fuzzer reads the description of the API and calls all of it, as three kinds of callers. */
const command = new Command('npm run test:fuzz --')
  .description('Fuzzes the management API of a local run with schemathesis, by its own description.')
  .option('--profile <name>', 'a file in profiles/, or the path of one', parseProfileArgument, 'standard')
  .option('--calls <count>', 'how many calls to make at least', readCount, 400)
  .option('--seed <number>', 'of all that is drawn', readCount, 1)
  .option('--schemathesis <path>', 'an installed command `st`; without it, one is installed in the cache')
  .addHelpText('after', '\nExample: npm run test:fuzz -- --profile sophic --calls 20000 --seed 7')
  .parse();

function readCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999999.');
}

const stops: (() => unknown)[] = [];
// What a run leaves on the disk is deleted when the process ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  await main(command.opts<FuzzOptions>());
} finally {
  for (const stop of stops.toReversed()) await stop();
}

async function main(options: FuzzOptions): Promise<void> {
  const st = options.schemathesis ?? (await findSchemathesis());
  if (st === undefined) return;
  const startedAt = performance.now();
  const product = await start(options.profile);
  const proxy = await startObservingProxy(product.managementUrl, product.profile);
  stops.push(() => proxy.close());
  const complaints = await fuzzAs(await callersOf(product), { options, st, product, proxy });
  const { calls, statuses, faults } = proxy.observed;
  for (const text of [...complaints, ...faults]) console.error(`\n${text}`);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const counted = [...statuses].sort().map(([status, count]) => `${count} × ${status}`);
  const found = complaints.length + faults.size;
  console.log(`schemathesis ${SCHEMATHESIS_VERSION}, ${product.profile.name}, seed ${options.seed}:`);
  console.log(`${calls} calls in ${seconds} s: ${counted.join(', ')}.`);
  console.log(
    found === 0 ? 'No fault, and no answer that is not described.' : `FAILED: ${found} findings, see above.`,
  );
  process.exitCode = found === 0 ? 0 : 1;
}

/** @returns `undefined` where there is no Python: then this says so. */
async function findSchemathesis(): Promise<string | undefined> {
  const python = await findPython(10);
  if (python.kind === 'missing') {
    console.error(`\nSKIPPED, the fuzzer schemathesis: ${python.reason}\n`);
    return undefined;
  }
  const installed = await installPackage(python, 'schemathesis', SCHEMATHESIS_VERSION);
  return join(dirname(installed), 'st');
}

async function start(profileName: string): Promise<LocalProduct> {
  const synthesis = startSynthesis(profileName);
  stops.push(synthesis.stop);
  const [product, { endpoint, stop }] = await Promise.all([synthesis.product, startDynamoDb()]);
  stops.push(stop);
  const running = await runProduct({ product, dynamodbEndpoint: endpoint, port: 0, log: () => {} });
  stops.push(() => running.assembly.stop());
  return running;
}

/** A management key, a person, and an API key that administers, where the product has such keys. */
async function callersOf(product: LocalProduct): Promise<readonly RenewableCredential[]> {
  const { managementKey, users, workspace, profile } = product;
  const operator = { current: () => managementKey, renew: async () => {} };
  const person = await renewable(() => signIn(product, users.owner));
  const administering = profile.scopes && requirementOf(profile.scopes, ADMINISTER);
  if (administering === undefined) return [operator, person];
  const key = await renewable(async () => {
    const url = `${product.managementUrl}/v1/workspaces/${workspace}/keys`;
    const scopes = profile.scopes?.definitions.map(({ name }) => name);
    const body = { name: 'fuzzed', scopes, created_by: users.owner };
    const { status, body: answer } = await send(url, { credential: managementKey, body });
    if (status !== 201) throw new Error(`No API key could be issued: ${JSON.stringify(answer)}`);
    return answer.secret as string;
  });
  return [operator, person, key];
}

async function renewable(make: () => Promise<string>): Promise<RenewableCredential> {
  let current = await make();
  return {
    current: () => current,
    renew: async () => {
      current = await make();
    },
  };
}

interface Fuzzing {
  readonly options: FuzzOptions;
  readonly st: string;
  readonly product: LocalProduct;
  readonly proxy: ObservingProxy;
}

/** Each caller has a turn at least, and more until there were enough calls. @returns what the fuzzer found, as it says it. */
async function fuzzAs(
  callers: readonly RenewableCredential[],
  { options: { calls, seed }, st, product, proxy }: Fuzzing,
): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-fuzz-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const complaints: string[] = [];
  for (let round = 0; round < callers.length || proxy.observed.calls < calls; round += 1) {
    const caller = callers[round % callers.length];
    if (caller === undefined) break;
    await caller.renew();
    proxy.use(caller);
    const { isClean, said } = await fuzz({
      command: st,
      directory,
      url: proxy.url,
      seed: seed + round,
      // A short run asks a little of everything as each caller. A long one goes deeper each time.
      examples: calls < 2_000 ? 5 : 25,
      phases: calls < 2_000 ? 'drawn' : 'all',
      // Of people, only the member is named: the fuzzer may remove them, and the owner who calls has to stay.
      parameters: { 'path.workspace': product.workspace, 'path.user_id': product.users.member },
    });
    if (!isClean) complaints.push(said);
    console.error(`round ${round + 1}: ${proxy.observed.calls} of ${calls} calls`);
    if (complaints.length > 2) break;
  }
  return complaints;
}
