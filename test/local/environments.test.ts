import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { runSmallApp, type SmallRun, Workshop } from './small-app.ts';

/** Waits for a sign from outside, counts what runs at once, and keeps what a module keeps. */
const COUNTER = `
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
let served = 0;
let running = 0;
let most = 0;
globalThis.born ??= Math.random();
export const handler = async (event, context) => {
  served += 1;
  running += 1;
  most = Math.max(most, running);
  console.log('started ' + event.name);
  while (event.until && !existsSync(event.until)) await wait(5);
  running -= 1;
  return { served, most, born: globalThis.born };
};`;

const TALKER = `
console.log('imported');
export const handler = async (event, context) => {
  process.stdout.write('half a ');
  process.stdout.write('line\\nsecond line\\n');
  console.error('to stderr');
  process.stdout.write('without an end');
  const remaining = context.getRemainingTimeInMillis();
  const { getRemainingTimeInMillis, ...rest } = context;
  return { environment: process.env, remaining, context: rest };
};`;

const FRAGILE = `
if (process.env.BREAK === 'init') throw new RangeError('broken at birth');
let served = 0;
export const handler = async ({ how }) => {
  served += 1;
  if (how === 'throw') throw new RangeError('thrown');
  if (how === 'throw-text') throw 'just text';
  if (how === 'exit') process.exit(3);
  if (how === 'unhandled') { Promise.reject(new RangeError('nobody caught')); await new Promise(() => setTimeout(() => {}, 60_000)); }
  if (how === 'hang') await new Promise(() => setTimeout(() => {}, 60_000));
  if (how === 'spin') for (;;);
  if (how === 'bigint') return 1n;
  if (how === 'nothing') return undefined;
  return { served };
};`;

const LAID_OVER: Record<string, string> = { LAID_OVER: 'yes' };
const workshop = new Workshop();
let app: SmallRun;
let signal: string;

beforeAll(async () => {
  process.env.KEYWARD_TEST_LEAK = 'must not be seen';
  const directory = workshop.synthesize((cdk) => {
    const stack = new Stack(cdk, 'Workers');
    workshop.lambda(stack, 'Counter', COUNTER, { timeout: Duration.seconds(20) });
    workshop.lambda(stack, 'Lonely', COUNTER);
    workshop.lambda(stack, 'Talker', TALKER, {
      functionName: 'the-talker',
      memorySize: 512,
      timeout: Duration.seconds(7),
      environment: { OWN: 'of the template', TZ: 'Europe/Berlin' },
    });
    workshop.lambda(stack, 'Fragile', FRAGILE, { timeout: Duration.seconds(20) });
    workshop.lambda(stack, 'Hasty', FRAGILE, { timeout: Duration.seconds(1) });
    workshop.lambda(stack, 'Stillborn', FRAGILE, { environment: { BREAK: 'init' } });
    workshop.lambda(stack, 'Nameless', 'export const other = 1;');
    workshop.lambda(
      stack,
      'Callback',
      'export const handler = (event, context, callback) => callback(null, 1);',
    );
  });
  signal = `${directory}/go`;
  app = await runSmallApp(directory, {
    environmentsPerFunction: 3,
    environmentOverrides: ({ constructPath }) => (constructPath.endsWith('/Talker') ? LAID_OVER : {}),
  });
});

afterAll(async () => {
  delete process.env.KEYWARD_TEST_LEAK;
  await app?.stop();
  workshop.remove();
});

async function returned(constructId: string, event: unknown): Promise<Record<string, unknown>> {
  const result = await app.run.invoke(app.idOf(constructId), event);
  if (result.kind === 'failed') throw new Error(`${result.errorType}: ${result.errorMessage}`);
  return result.payload as Record<string, unknown>;
}
const linesOf = (constructId: string) => app.logged(`function:${app.idOf(constructId)}`);
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('environments', () => {
  test('serve one request at a time each, are as many as needed up to the bound, and requests queue behind it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const answers = names.map((name) => returned('Counter', { name, until: signal }));
    await until(() => linesOf('Counter').length === 3);
    // Environments start side by side, so any of them may speak first.
    expect(linesOf('Counter').toSorted()).toEqual(['started a', 'started b', 'started c']);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(signal, '');
    const results = await Promise.all(answers);
    expect(results.map(({ most }) => most)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(results.map(({ born }) => born)).size).toBe(3);
  });

  test('stay warm: the next request finds the module as the last one left it', async () => {
    const first = await returned('Lonely', { name: 'first' });
    const second = await returned('Lonely', { name: 'second' });
    expect(second).toEqual({ ...first, served: 2 });
  });

  test('see the variables that Lambda would set and nothing of the machine', async () => {
    const { environment } = await returned('Talker', {});
    expect(environment).toMatchObject({
      OWN: 'of the template',
      LAID_OVER: 'yes',
      TZ: ':UTC',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'the-talker',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      _HANDLER: 'index.handler',
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^[A-Za-z0-9]+$/),
      AWS_ENDPOINT_URL_DYNAMODB: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(environment).toEqual(app.run.functions[app.idOf('Talker')]?.environment);
    expect(environment).not.toHaveProperty('KEYWARD_TEST_LEAK');
    expect(environment).not.toHaveProperty('HOME');
  });

  test('give a handler the context that Lambda gives', async () => {
    const { context, remaining } = await returned('Talker', {});
    expect(context).toMatchObject({
      functionName: 'the-talker',
      functionVersion: '$LATEST',
      memoryLimitInMB: '512',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:the-talker',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(remaining).toBeGreaterThan(5_000);
    expect(remaining).toBeLessThanOrEqual(7_000);
  });

  test('have every line logged before the answer is there', async () => {
    await returned('Talker', {});
    expect(linesOf('Talker').slice(-4)).toEqual([
      'half a line',
      'second line',
      'to stderr',
      'without an end',
    ]);
    expect(linesOf('Talker').filter((line) => line === 'imported').length).toBe(1);
  });
});

describe('failures', () => {
  test('what a handler throws is the error, is logged, and leaves the environment alive', async () => {
    const before = await returned('Fragile', {});
    const thrown = await app.run.invoke(app.idOf('Fragile'), { how: 'throw' });
    expect(thrown).toEqual({ kind: 'failed', errorType: 'RangeError', errorMessage: 'thrown' });
    expect(linesOf('Fragile').at(-1)).toContain('"errorMessage":"thrown"');
    expect(await returned('Fragile', {})).toEqual({ served: Number(before.served) + 2 });
    expect(await app.run.invoke(app.idOf('Fragile'), { how: 'throw-text' })).toMatchObject({
      errorMessage: 'just text',
    });
  });

  test.each([
    ['exit', 'Fragile', 'Runtime.ExitError', 'exit status 3'],
    ['unhandled', 'Fragile', 'RangeError', 'nobody caught'],
    ['hang', 'Hasty', 'Sandbox.Timedout', 'Task timed out after 1.00 seconds'],
    ['spin', 'Hasty', 'Sandbox.Timedout', 'Task timed out after 1.00 seconds'],
  ])(
    'an environment that dies is an error, and the next request gets a new one: %s',
    async (how, constructId, type, message) => {
      expect(await app.run.invoke(app.idOf(constructId), { how })).toEqual({
        kind: 'failed',
        errorType: type,
        errorMessage: expect.stringContaining(message),
      });
      expect(await returned(constructId, {})).toEqual({ served: 1 });
    },
  );

  test('what JSON cannot hold is an error, and nothing is null', async () => {
    expect(await app.run.invoke(app.idOf('Fragile'), { how: 'bigint' })).toMatchObject({ kind: 'failed' });
    expect(await app.run.invoke(app.idOf('Fragile'), { how: 'nothing' })).toEqual({
      kind: 'returned',
      payload: null,
    });
  });

  test.each([
    ['Stillborn', 'RangeError', 'broken at birth'],
    ['Nameless', 'Runtime.HandlerNotFound', 'handler is undefined or not exported'],
    ['Callback', 'Runtime.CallbackHandlerDeprecated', 'callback-based handlers'],
  ])('a function that cannot start fails every request: %s', async (constructId, errorType, message) => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => app.run.invoke(app.idOf(constructId), {})));
    for (const answer of answers) {
      expect(answer).toEqual({ kind: 'failed', errorType, errorMessage: expect.stringContaining(message) });
    }
  });
});
