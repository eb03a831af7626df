import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { LambdaIntegration } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { readAssembly } from '../../local/assembly/cloud-assembly.ts';
import { resolveStacks } from '../../local/assembly/resolved-stack.ts';
import { callDynamoDb } from '../../local/dynamodb/table-request.ts';
import { CannotRun, runAssembly } from '../../local/index.ts';
import { close, listen } from '../../local/listening.ts';
import { readSchedules, scheduledEventOf } from '../../local/schedule.ts';
import { send } from './http.ts';
import { restApi, runSmallApp, Workshop } from './small-app.ts';

const workshop = new Workshop();
let directory: string;

beforeAll(() => {
  directory = workshop.synthesize((cdk) => {
    const data = new Stack(cdk, 'Data');
    const stack = new Stack(cdk, 'Service');
    const table = new Table(data, 'Things', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    const source =
      'setInterval(() => {}, 1000); export const handler = async () => ({ statusCode: 200, body: process.env.TABLE });';
    const fn = workshop.lambda(stack, 'Fn', source, { environment: { TABLE: table.tableName } });
    restApi(stack).root.addMethod('GET', new LambdaIntegration(fn));
    new Rule(stack, 'Sweep', {
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaTarget(fn)],
    });
    new CfnOutput(stack, 'TableName', { value: table.tableName });
  });
});

afterAll(() => workshop.remove());

function isOpen(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('connect', () => resolve(!!socket.destroy()));
    socket.on('error', () => resolve(false));
  });
}

describe('a run', () => {
  test('resolves what one stack gives another, and its outputs', async () => {
    const app = await runSmallApp(directory);
    try {
      const [table] = Object.values(app.run.tables);
      expect((await send(app.url)).text).toBe(table?.name);
      expect(app.run.outputs.Service?.TableName).toBe(table?.name);
    } finally {
      await app.stop();
    }
  });

  test('leaves no port, no table and no thread behind when it stops, however often it is told', async () => {
    // Products that other suites left running have threads too.
    const countPorts = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = countPorts();
    const app = await runSmallApp(directory);
    await send(app.url);
    expect(countPorts()).toBeGreaterThan(before);
    const operator = { endpoint: app.run.dynamodbEndpoint, accessKeyId: 'anyone', region: 'us-east-1' };
    expect((await callDynamoDb(operator, 'ListTables', {})).TableNames).toHaveLength(1);
    await Promise.all([app.run.stop(), app.run.stop()]);
    await app.run.stop();
    expect(await isOpen(app.url)).toBe(false);
    expect(await isOpen(app.run.dynamodbEndpoint)).toBe(false);
    expect(countPorts()).toBe(before);
    expect(await app.run.invoke(app.idOf('Fn'), {})).toMatchObject({ kind: 'failed' });
    await app.stop();
  });

  test('a taken port is one sentence that names it, and nothing stays open', async () => {
    const blocker = createServer();
    const port = Number(new URL(await listen(blocker, 0)).port);
    const failure: unknown = await runSmallApp(directory, { ports: { Service: port } }).catch(
      (error: unknown) => error,
    );
    await close(blocker);
    expect(failure).toBeInstanceOf(CannotRun);
    expect((failure as CannotRun).message).toMatch(
      new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken: .+\\.$`),
    );
  });

  test('serves on the port it was given', async () => {
    const probe = createServer();
    const url = await listen(probe, 0);
    await close(probe);
    const app = await runSmallApp(directory, { ports: { Service: Number(new URL(url).port) } });
    expect(app.url).toBe(url);
    await app.stop();
  });
});

describe('a schedule', () => {
  test('is read as a rate, and its event has the shape of EventBridge', () => {
    const [schedule] = readSchedules(resolveStacks(readAssembly(directory)));
    expect(schedule).toMatchObject({
      everyMs: 300_000,
      targets: [{ functionArn: expect.stringMatching(/function:/) }],
    });
    if (!schedule) return;
    expect(scheduledEventOf(schedule, new Date('2026-11-22T01:02:03.456Z'))).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-11-22T01:02:03Z',
      resources: [schedule.ruleArn],
    });
  });
});

describe('DynamoDB Local', () => {
  const main = new URL('../../local/index.ts', import.meta.url).href;
  const script = (body: string) => `import { startDynamoDb } from ${JSON.stringify(main)}; ${body}`;
  const node = (body: string, env: NodeJS.ProcessEnv = process.env) =>
    spawn(process.execPath, ['--input-type=module', '-e', script(body)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const firstOutput = (child: ReturnType<typeof node>) =>
    new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim())),
    );

  test('does not outlive the process that started it, even one that is killed', async () => {
    const child = node('console.log((await startDynamoDb()).endpoint); setInterval(() => {}, 1000);');
    const endpoint = await firstOutput(child);
    expect(await isOpen(endpoint)).toBe(true);
    child.kill('SIGKILL');
    while (await isOpen(endpoint)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test('without Java is one clear sentence', async () => {
    const body = 'await startDynamoDb().catch((error) => console.log(error.name + ": " + error.message));';
    const message = await firstOutput(node(body, { ...process.env, PATH: '/nonexistent' }));
    expect(message).toMatch(/^CannotRun: Java was not found: .+\.$/);
  });
});

test('an endpoint without DynamoDB is one clear sentence', async () => {
  const options = { assemblyDirectory: directory, dynamodbEndpoint: 'http://127.0.0.1:1', log: () => {} };
  await expect(runAssembly(options)).rejects.toThrow(/the table could not be created/);
});
