import { Agent, request } from 'node:http';
import { type LocalProduct, runProduct } from '../../bin/local-product.ts';
import { startSynthesis } from '../../bin/synthesis.ts';
import { startDynamoDb } from '../../local/index.ts';
import { type Figure, figureOf, type PartResult } from '../figure.ts';
import { runAtOnce } from '../race.ts';
import type { Scale } from '../scale.ts';
import { percentile } from '../statistics.ts';

const LANES = [1, 16] as const;
const PERCENTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

/** How long a product's caller waits, on the simulation of API Gateway and Lambda that `npm start` runs. */
export async function measureRequest(scale: Scale): Promise<PartResult> {
  const dynamoDb = await startDynamoDb();
  try {
    const product = await runProduct({
      product: await startSynthesis('standard').product,
      dynamodbEndpoint: dynamoDb.endpoint,
      port: 0,
      log: () => {},
    });
    try {
      return await measure(product, scale);
    } finally {
      await product.assembly.stop();
      product.tables.client.destroy();
    }
  } finally {
    await dynamoDb.stop();
  }
}

async function measure(product: LocalProduct, scale: Scale): Promise<PartResult> {
  const key = await issueKey(product);
  const figures: Figure[] = [];
  for (const lanes of LANES) figures.push(...(await measureAtOnce({ product, key, lanes, scale })));
  return {
    part: 'request',
    title: 'A whole request',
    setting: [
      `GET /users with a key, ${scale.requestsPerRound.toLocaleString('en-US')} requests in each of ${scale.requestRounds} rounds, over connections that stay open.`,
      'Each passes the synthesized API: the authorizer (one counting UpdateItem), the guard, and the sample, which answers two users.',
      'The gateway and the Lambda environments are the simulation that npm start runs. They share two processors with the caller and the database. So the times compare versions of Keyward and say nothing about AWS.',
    ],
    figures,
    bars: [],
    notes: [],
    notMeasured: [],
  };
}

async function measureAtOnce({
  product,
  key,
  lanes,
  scale,
}: {
  readonly product: LocalProduct;
  readonly key: string;
  readonly lanes: number;
  readonly scale: Scale;
}): Promise<Figure[]> {
  const { requestsPerRound, requestRounds } = scale;
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const url = `${product.apiUrl}/users`;
  const runRound = async () => {
    const times: number[] = [];
    const start = performance.now();
    await runAtOnce(lanes, requestsPerRound, async () => {
      const sentAt = performance.now();
      await expectStatus(200, { url, agent, key });
      times.push(performance.now() - sentAt);
    });
    return { times, rate: (requestsPerRound / (performance.now() - start)) * 1000 };
  };
  try {
    // Environments start when they are first needed.
    await runRound();
    const rounds: Awaited<ReturnType<typeof runRound>>[] = [];
    for (let round = 0; round < requestRounds; round += 1) rounds.push(await runRound());
    return [
      ...PERCENTILES.map(([name, part]) =>
        figureOf({
          name: `GET /users, ${lanes} at once, ${name}`,
          unit: 'ms',
          rounds: rounds.map(({ times }) => percentile(times, part)),
        }),
      ),
      figureOf({
        name: `GET /users, ${lanes} at once`,
        unit: 'per second',
        rounds: rounds.map(({ rate }) => rate),
      }),
    ];
  } finally {
    agent.destroy();
  }
}

/** A key with the highest possible limit. The largest plan's limit would be used up. */
async function issueKey({ managementUrl, managementKey, workspace, users }: LocalProduct): Promise<string> {
  const keys = `${managementUrl}/v1/workspaces/${workspace}/keys`;
  const headers = { Authorization: `Bearer ${managementKey}` };
  const issued = await fetch(keys, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      name: 'bench',
      scopes: ['read:all'],
      created_by: users.owner,
      rate_limit: { limit: 1_000_000, window_seconds: 86_400 },
    }),
  });
  if (issued.status !== 201) throw new Error(`The key was not issued: ${await issued.text()}`);
  const { secret } = (await issued.json()) as { readonly secret: string };
  return secret;
}

function expectStatus(
  expected: number,
  { url, agent, key }: { readonly url: string; readonly agent: Agent; readonly key: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === expected) resolve();
        else reject(new Error(`A request was answered ${response.statusCode} instead of ${expected}.`));
      });
      response.resume();
    });
    sent.on('error', reject);
    sent.end();
  });
}
