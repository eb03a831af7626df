import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseProfileArgument } from '../../bin/commands/arguments.ts';
import { type LocalProduct, runProduct } from '../../bin/local-product.ts';
import { startSynthesis } from '../../bin/synthesis.ts';
import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { requirementOf } from '../../core/access/scope.ts';
import { type LogLine, startDynamoDb } from '../../local/index.ts';
import { findPython, installPackage } from '../clients/python.ts';
import { send, signIn } from '../product.ts';
import { type Observed, type RenewableCredential, startObservingProxy } from './observing-proxy.ts';
import { fuzz, SCHEMATHESIS_VERSION } from './schemathesis.ts';

interface FuzzOptions {
  readonly profile: string;
  readonly calls: number;
  readonly seed: number;
  readonly python?: string | undefined;
}

/** `npm run test:fuzz`: a public fuzzer reads the description of the API and calls all of it, as three kinds of callers. */
const command = new Command('npm run test:fuzz --')
  .description('Fuzzes the management API of a local run with schemathesis, by its own description.')
  .option('--profile <name>', 'a file in profiles/, or the path of one', parseProfileArgument, 'standard')
  .option('--calls <count>', 'how many calls to make at least', readCount, 400)
  .option('--seed <number>', 'of all that is drawn', readCount, 1)
  .option('--python <path>', 'of an environment that has schemathesis; without it, one is made in the cache')
  .addHelpText('after', '\nExample: npm run test:fuzz -- --profile sophic --calls 20000 --seed 7')
  .parse();

function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999999.');
}

/** From so many calls of one caller on, a run is a long one. */
const DEEP = 600;
/** After so many complaints, one more would say nothing new. */
const MOST_COMPLAINTS = 3;
/** Lines that say why a function has not answered. */
const FAILURE = /failed|timed out|Exception/;

const stops: (() => unknown)[] = [];
// What a run leaves on the disk is deleted when the process ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  await main(command.opts<FuzzOptions>());
} finally {
  for (const stop of stops.toReversed()) await stop();
}

async function main({ profile: profileName, calls, seed, python: given }: FuzzOptions): Promise<void> {
  const python = given ?? (await installFuzzer());
  if (python === undefined) return;
  const startedAt = performance.now();
  const failures: string[] = [];
  const product = await start(profileName, ({ text }) => {
    if (FAILURE.test(text)) failures.push(text);
  });
  const observed: Observed = { calls: 0, repeated: 0, statuses: new Map(), faults: new Set() };
  const callers = await callersOf(product);
  const found = await Promise.all(
    callers.map((credential, index) =>
      fuzzAs(credential, {
        python,
        product,
        observed,
        calls: Math.ceil(calls / callers.length),
        seed: seed + index * 1_000,
      }),
    ),
  );
  const findings = [...found.flat(), ...observed.faults];
  for (const text of findings.length > 0 ? [...findings, ...failures] : []) console.error(`\n${text}`);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const counted = [...observed.statuses].sort().map(([status, count]) => `${count} × ${status}`);
  console.log(`schemathesis ${SCHEMATHESIS_VERSION}, ${product.profile.name}, seed ${seed}:`);
  console.log(`${observed.calls} calls in ${seconds} s: ${counted.join(', ')}.`);
  if (observed.repeated > 0) console.log(`${observed.repeated} were sent again after a 503, as it asks.`);
  console.log(
    findings.length === 0
      ? 'No fault, and no answer that is not described.'
      : `FAILED: ${findings.length} findings, see above.`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

/** @returns its Python; `undefined` where there is none: then this says so. */
async function installFuzzer(): Promise<string | undefined> {
  const found = await findPython(10);
  if (found.kind === 'missing') {
    console.error(`\nSKIPPED, the fuzzer schemathesis: ${found.reason}\n`);
    return undefined;
  }
  return installPackage(found, 'schemathesis', SCHEMATHESIS_VERSION);
}

async function start(profileName: string, log: (line: LogLine) => void): Promise<LocalProduct> {
  const synthesis = startSynthesis(profileName);
  stops.push(synthesis.stop);
  const [product, { endpoint, stop }] = await Promise.all([synthesis.product, startDynamoDb()]);
  stops.push(stop);
  const running = await runProduct({ product, dynamodbEndpoint: endpoint, port: 0, log });
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
  readonly python: string;
  readonly product: LocalProduct;
  readonly observed: Observed;
  /** How many this caller makes at least. */
  readonly calls: number;
  readonly seed: number;
}

/** Fuzzes as one caller, again and again until there were enough calls. @returns what the fuzzer found, in its own words. */
async function fuzzAs(
  credential: RenewableCredential,
  { python, product, observed, calls, seed }: Fuzzing,
): Promise<readonly string[]> {
  const { managementUrl: target, profile, workspace, users } = product;
  const directory = mkdtempSync(join(tmpdir(), 'keyward-fuzz-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const complaints: string[] = [];
  let made = 0;
  for (let round = 0; made < calls && complaints.length < MOST_COMPLAINTS; round += 1) {
    await credential.renew();
    const own: Observed = { ...observed, calls: 0, repeated: 0 };
    const proxy = await startObservingProxy({ target, profile, credential, observed: own });
    const { isClean, said } = await fuzz({
      python,
      directory,
      url: proxy.url,
      seed: seed + round,
      // A short run asks a little of everything. A long one goes deeper each time.
      examples: calls < DEEP ? 5 : 25,
      phases: calls < DEEP ? 'drawn' : 'all',
      // Of people, only the member is named: the fuzzer may remove them, and the owner who calls has to stay.
      parameters: { 'path.workspace': workspace, 'path.user_id': users.member },
    });
    await proxy.close();
    made += own.calls;
    observed.calls += own.calls;
    observed.repeated += own.repeated;
    if (!isClean) complaints.push(said);
    console.error(`${observed.calls} calls so far`);
  }
  return complaints;
}
