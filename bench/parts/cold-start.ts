import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startSynthesis } from '../../bin/synthesis.ts';
import { startDynamoDb } from '../../local/index.ts';
import { barOf, type Figure, figureOf, fixedFigure, type PartResult } from '../figure.ts';
import { synthesizedAuthorizer, writeEmptyFunction, writePlainAuthorizer } from '../function-code.ts';
import { rotated } from '../race.ts';
import { type FunctionLife, type RuntimeApi, startRuntimeApi } from '../runtime-api.ts';
import type { Scale } from '../scale.ts';
import { median, medianRatio } from '../statistics.ts';
import { storeKeys } from '../stored-keys.ts';
import { type BenchTables, closeTables, createTables, REGION } from '../tables.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const PROFILE = 'standard';
const RUNTIME_CLIENT = join(import.meta.dirname, '..', 'node_modules', 'aws-lambda-ric');
const WARM_INVOCATIONS = 30;
const BUNDLE_LIMIT_KILOBYTES = 225;

const EMPTY = 'empty handler';
const AUTHORIZER = 'authorizer';
const PLAIN = 'authorizer, bundled plainly';

export const WARM_AUTHORIZER = 'authorizer, later invocations';
export const AUTHORIZER_MEMORY = 'authorizer, memory of the function';

interface Candidate {
  readonly name: string;
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly event: unknown;
  /** A text that a right answer contains. */
  readonly expected: string;
}

/** Starts functions with the runtime client that runs on Lambda. */
export async function measureColdStart(scale: Scale): Promise<PartResult> {
  const directory = temporaryDirectory();
  const dynamoDb = await startDynamoDb();
  try {
    const tables = await createTables(dynamoDb.endpoint);
    try {
      const { assemblyDirectory, profile } = await startSynthesis(PROFILE).product;
      const { assetDirectory, memoryMegabytes } = synthesizedAuthorizer(assemblyDirectory);
      const format = profile.apiKey.format;
      const [key = ''] = await storeKeys(tables, { format, count: 1, sampleSize: 1, rateLimit: LIMIT });
      const authorizing = {
        variables: variablesFor(tables, dynamoDb.endpoint),
        event: authorizerEvent(key),
        expected: '"Effect":"Allow"',
      };
      const plainDirectory = writePlainAuthorizer(join(directory, 'plain'), PROFILE);
      const empty = writeEmptyFunction(join(directory, 'empty'));
      const candidates: Candidate[] = [
        { name: EMPTY, directory: empty, variables: {}, event: {}, expected: '{}' },
        { name: AUTHORIZER, directory: assetDirectory, ...authorizing },
        { name: PLAIN, directory: plainDirectory, ...authorizing },
      ];
      return await measure(candidates, { scale, memoryMegabytes });
    } finally {
      closeTables(tables);
    }
  } finally {
    await dynamoDb.stop();
  }
}

/** More calls than the run makes, in a window that does not end before it. */
const LIMIT = { limit: 1_000_000, windowSeconds: 86_400 };

async function measure(
  candidates: readonly Candidate[],
  { scale, memoryMegabytes }: { readonly scale: Scale; readonly memoryMegabytes: number },
): Promise<PartResult> {
  const sizes = candidates.map(({ name, directory }) => {
    const kilobytes = statSync(join(directory, 'index.mjs')).size / 1000;
    return fixedFigure(`bundle: ${name}`, 'kB', kilobytes, belonging(name));
  });
  const bundle = sizes.find(({ name }) => name === `bundle: ${AUTHORIZER}`)?.value ?? 0;
  const figures: Figure[] = [...sizes, fixedFigure(AUTHORIZER_MEMORY, 'MB', memoryMegabytes)];
  const bars = [
    {
      promise: `the authorizer's bundle has at most ${BUNDLE_LIMIT_KILOBYTES} kB`,
      reached: bundle <= BUNDLE_LIMIT_KILOBYTES,
      measured: `${bundle.toFixed(1)} kB`,
    },
  ];
  const notMeasured: string[] = [];
  if (existsSync(join(RUNTIME_CLIENT, 'rapid-client.node'))) {
    const lives = await spawnInTurn(candidates, scale.spawns);
    figures.push(...figuresOf(lives));
    const starts = (name: string) => lives.get(name)?.map(({ startMs }) => startMs) ?? [];
    const ratio = medianRatio(starts(AUTHORIZER), starts(EMPTY));
    const promise = 'the authorizer starts in at most 2 × the time of an empty handler';
    bars.push(barOf({ promise, ratio, limit: { atMost: 2 }, of: 'the empty handler' }));
  } else {
    notMeasured.push(
      'not measured: starting functions, since the runtime client aws-lambda-ric did not build here (it needs Linux, cmake, make and a C++ compiler).',
    );
  }
  return {
    part: 'cold-start',
    title: 'Starting a function',
    setting: [
      `Lambda's own runtime client (aws-lambda-ric) on Node ${process.versions.node}, started ${scale.spawns} times for each function, in turn, with a Runtime API on loopback.`,
      'Starting lasts from spawning the process to the first request for an invocation. The first invocation connects to DynamoDB Local and verifies a key. Later ones verify it again.',
      'A function here has a whole processor of this machine. On Lambda, a function of 512 MB has about 0.3 of one, and its code comes from storage first.',
    ],
    figures,
    bars,
    notes: [],
    notMeasured,
  };
}

interface Life extends FunctionLife {
  readonly startMs: number;
}

async function spawnInTurn(
  candidates: readonly Candidate[],
  count: number,
): Promise<ReadonlyMap<string, readonly Life[]>> {
  const api = await startRuntimeApi();
  const lives = new Map<string, Life[]>(candidates.map(({ name }) => [name, []]));
  try {
    // The first start of each reads files that no cache holds yet.
    for (const candidate of candidates) await live(candidate, api);
    for (let round = 0; round < count; round += 1) {
      for (const candidate of rotated(candidates, round))
        lives.get(candidate.name)?.push(await live(candidate, api));
    }
  } finally {
    await api.stop();
  }
  return lives;
}

async function live(candidate: Candidate, api: RuntimeApi): Promise<Life> {
  const events = Array.from({ length: 1 + WARM_INVOCATIONS }, () => candidate.event);
  const served = api.serve(events);
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, [join(RUNTIME_CLIENT, 'index.mjs')], {
    env: {
      ...candidate.variables,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
      AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
      LAMBDA_TASK_ROOT: candidate.directory,
      _HANDLER: 'index.handler',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit').then(([code]) => {
    throw new Error(`The runtime of "${candidate.name}" has ended with exit code ${code}.`);
  });
  // The process is ended below. From here on, its end is not a failure.
  exit.catch(() => {});
  const end = () => child.kill('SIGKILL');
  // Left alone, the client would look for its Runtime API for a quarter of an hour.
  process.once('exit', end);
  try {
    const life = await Promise.race([served, exit]);
    if (!life.answers.every((answer) => answer.includes(candidate.expected)))
      throw new Error(`"${candidate.name}" has answered something else: ${life.answers[0]}`);
    return { ...life, startMs: life.readyAt - spawnedAt };
  } finally {
    end();
    process.off('exit', end);
    await exit.catch(() => {});
  }
}

function figuresOf(lives: ReadonlyMap<string, readonly Life[]>): Figure[] {
  const quantities: readonly (readonly [string, (life: Life) => number])[] = [
    ['start', ({ startMs }) => startMs],
    ['first invocation', ({ invocationsMs: [first = 0] }) => first],
    ['later invocations', ({ invocationsMs }) => median(invocationsMs.slice(1))],
  ];
  return quantities.flatMap(([quantity, read]) => {
    const name = `${EMPTY}, ${quantity}`;
    // An empty handler does no work, so its invocations are no baseline.
    const base = quantity === 'start' ? { name, rounds: (lives.get(EMPTY) ?? []).map(read) } : undefined;
    return [...lives].map(([name, each]) =>
      figureOf({
        name: `${name}, ${quantity}`,
        unit: 'ms',
        rounds: each.map(read),
        base,
        of: belonging(name),
      }),
    );
  });
}

const belonging = (name: string) => (name === AUTHORIZER ? 'keyward' : 'baseline');

function variablesFor(tables: BenchTables, endpoint: string): Record<string, string> {
  return {
    KEYWARD_SECRETS_TABLE: tables.secrets,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: tables.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'unused',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
}

function authorizerEvent(key: string) {
  return {
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:api1234567/live/GET/users',
    resource: '/users',
    path: '/users',
    httpMethod: 'GET',
    multiValueHeaders: { Authorization: [`Bearer ${key}`], Accept: ['application/json'] },
    requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  };
}
