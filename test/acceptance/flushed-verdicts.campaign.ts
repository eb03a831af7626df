import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { writeKey } from '../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../stores/dynamodb/keys/key-read.ts';
import {
  cachedProduct,
  call,
  countAuthorizerReads,
  FAILING_FLUSHES,
  failFlushes,
  functionNamed,
  type Issued,
  issue,
  passSeconds,
  statusOf,
  stopTime,
  TTL_SECONDS,
  useCachedProduct,
} from '../cached-product.ts';
import { type Answer, manager, send } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

useCachedProduct();

const asOperator = (method: string, path: string, body?: object) =>
  send(`${cachedProduct().managementUrl}/v1${path}`, {
    method,
    credential: cachedProduct().managementKey,
    ...(body && { body }),
  });

const member = (user: string) => `/workspaces/acme/members/${user}`;

async function issueAsMember(user: string): Promise<Issued> {
  expect((await asOperator('PUT', member(user), { role: 'admin' })).status).toBe(201);
  return issue({ created_by: user });
}

/** Leaves a revocation as a crash would: its mark is set, and nothing of it is done. */
async function leaveRevocationPending({ id }: Issued): Promise<void> {
  const record = await readRecord(cachedProduct().tables, { workspace: 'acme', id });
  if (record === undefined) throw new Error('The key is gone.');
  const pendingChange = { kind: 'revoke', id: `chg_${id}`, since: record.createdAt - 3_600 } as const;
  const item = { ...record, version: record.version + 1, pendingChange };
  await cachedProduct().tables.client.send(
    new PutItemCommand({
      TableName: cachedProduct().tables.records,
      Item: toItem(writeKey(item)),
    }),
  );
}

describe('a change that takes rights away flushes cached verdicts, so that the very next request is refused', () => {
  beforeEach(stopTime);

  const takings: [string, number, () => Promise<Issued>, (key: Issued) => Promise<Answer>][] = [
    ['revoking', 401, issue, ({ id }) => manager(cachedProduct()).revoke(id)],
    [
      'revoking many',
      401,
      issue,
      ({ id }) => asOperator('POST', '/workspaces/acme/keys/revoke', { ids: [id], dry_run: false }),
    ],
    [
      'revoking oneself',
      401,
      issue,
      ({ secret }) =>
        send(`${cachedProduct().managementUrl}/v1/keys/self/revoke`, { method: 'POST', credential: secret }),
    ],
    ['disabling', 401, issue, ({ id }) => manager(cachedProduct()).update(id, { enabled: false })],
    ['lowering scopes', 403, issue, ({ id }) => manager(cachedProduct()).update(id, { scopes: ['read'] })],
    ['rotating', 401, issue, ({ id }) => manager(cachedProduct()).rotate(id, 0)],
    [
      'ending the older secret of a rotation',
      401,
      async () => {
        const key = await issue();
        await manager(cachedProduct()).rotate(key.id, 600);
        return key;
      },
      ({ id }) => manager(cachedProduct()).revokePrevious(id),
    ],
    [
      'removing a member',
      401,
      () => issueAsMember('usr_removed'),
      () => asOperator('DELETE', member('usr_removed')),
    ],
  ];

  test.each(takings)('%s', async (_, status, prepare, take) => {
    const key = await prepare();
    expect(await statusOf(key.secret, 'POST /books')).toBe(200);
    expect((await take(key)).status).toBe(200);
    expect(await statusOf(key.secret, 'POST /books')).toBe(status);
  });

  test('demoting a member', async () => {
    const { secret } = await issueAsMember('usr_demoted');
    await call(secret);
    const before = countAuthorizerReads();
    expect((await asOperator('PUT', member('usr_demoted'), { role: 'member' })).status).toBe(200);
    await call(secret);
    expect(countAuthorizerReads()).toBe(before + 1);
  });

  test('the sweeper, when it finishes what a crash left', async () => {
    const key = await issue();
    await leaveRevocationPending(key);
    expect(await statusOf(key.secret)).toBe(200);
    expect((await cachedProduct().assembly.invoke(functionNamed('Sweeper'), {})).kind).toBe('returned');
    expect(await statusOf(key.secret)).toBe(401);
  });

  test('a sweep that finds nothing, a change that is refused, and a new name flush nothing', async () => {
    const { id, secret } = await issue();
    await call(secret);
    const before = countAuthorizerReads();
    await cachedProduct().assembly.invoke(functionNamed('Sweeper'), {});
    expect((await manager(cachedProduct()).revoke('key_0000000000000000000000')).status).toBe(404);
    expect((await manager(cachedProduct()).update(id, { name: 'renamed' })).status).toBe(200);
    await call(secret);
    expect(countAuthorizerReads()).toBe(before);
  });
});

test.each(FAILING_FLUSHES)(
  'a flush that %s fails no change, is logged as a fault, and what was kept ends with its time',
  async (_, failing) => {
    stopTime();
    const { id, secret } = await issue();
    expect(await statusOf(secret)).toBe(200);
    failFlushes(failing);
    const logged = cachedProduct().lines.length;
    expect((await manager(cachedProduct()).revoke(id)).status).toBe(200);
    const faults = cachedProduct()
      .lines.slice(logged)
      .filter(({ text }) => text.includes('could not be flushed'));
    expect(faults.map(({ source }) => source)).toEqual([`function:${functionNamed('RevokeKey')}`]);
    expect(faults[0]?.text).not.toContain(secret);
    // Without the flush this is all that there is to it.
    expect(await statusOf(secret)).toBe(200);
    passSeconds(TTL_SECONDS);
    expect(await statusOf(secret)).toBe(401);
  },
);

test('only the functions that flush may, the one stage and nothing else, and each of them does', async () => {
  const { id: restApi } = /^(?<id>\w+)\/live$/.exec(stageOf('RevokeKey'))?.groups ?? {};
  const cache = `arn:aws:apigateway:us-east-1::/restapis/${restApi}/stages/live/cache/authorizers`;
  const granted = Object.values(cachedProduct().assembly.functions).flatMap(({ constructPath, statements }) =>
    statements
      .filter(({ actions }) => actions.some((action) => /^(\*|apigateway)/i.test(action)))
      .map(({ actions, resources }) => [constructPath.split('/').at(-1), actions, resources]),
  );
  const onKeys = ['RevokeKey', 'RevokeKeys', 'RevokePreviousSecret', 'RotateKey', 'UpdateKey'];
  const flushing = [...onKeys, 'PutMember', 'RemoveMember', 'Sweeper'].sort();
  expect(granted.sort()).toEqual(flushing.map((name) => [name, ['apigateway:DELETE'], [cache]]));
  const calls = cachedProduct().assembly.recordedCalls();
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  const used = calls.filter(({ action, resource }) => action === 'apigateway:DELETE' && resource === cache);
  const users = new Set(used.map(({ functionId }) => functionId));
  expect([...users].sort()).toEqual(flushing.map(functionNamed).sort());
});

function stageOf(name: string): string {
  return cachedProduct().assembly.functions[functionNamed(name)]?.environment.KEYWARD_CACHING_STAGES ?? '';
}
