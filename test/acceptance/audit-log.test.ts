import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventKey } from '../../stores/dynamodb/table/tables.ts';
import {
  itemsOf,
  manager,
  newWorkspace,
  type ReachableWorkspace,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

interface Shown {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly key_id: string | null;
}

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

function readerOf(
  { managementUrl, managementKey, workspace }: ReachableWorkspace,
  credential = managementKey,
) {
  const ask = (query = '') =>
    send(`${managementUrl}/v1/workspaces/${workspace}/events${query}`, { credential });
  const list = async (query = ''): Promise<Shown[]> => {
    const { status, body } = await ask(query);
    expect(status).toBe(200);
    return body.events;
  };
  return { ask, list };
}

async function issueIn(workspace: ReachableWorkspace, fields: object = {}): Promise<string> {
  return (await manager(workspace).issue(fields)).body.key.id;
}

describe('the log of a workspace', () => {
  test('is shown in full to owners, admins, the operator and keys that administer', async () => {
    const secretOf = async (scopes: string[]) => (await manager(product).issue({ scopes })).body.secret;
    const admin = await secretOf(['admin']);
    const shown = await readerOf(product).list();
    for (const user of [product.users.owner, product.users.admin])
      expect(await readerOf(product, await signIn(product, user)).list()).toEqual(shown);
    expect(await readerOf(product, admin).list()).toEqual(shown);
    expect(shown.length).toBeGreaterThan(3);
  });

  test('is hidden from plain members, strangers, keys that do not administer, and other workspaces', async () => {
    const other = await newWorkspace(product, 'elsewhere');
    const foreign = (await manager(other).issue({ scopes: ['admin'] })).body.secret;
    const reading = (await manager(product).issue()).body.secret;
    const answers = async (credential: string) => (await readerOf(product, credential).ask()).body.code;
    expect(await answers(await signIn(product, product.users.member))).toBe('forbidden');
    expect(await answers(reading)).toBe('insufficient_scope');
    expect(await answers(await signIn(product, 'usr_stranger'))).toBe('not_found');
    expect(await answers(foreign)).toBe('not_found');
    expect((await send(`${product.managementUrl}/v1/workspaces/acme/events`)).status).toBe(401);
  });

  test('is newest first, and shows a change as soon as it is answered', async () => {
    const workspace = await newWorkspace(product, 'order');
    const { list } = readerOf(workspace);
    const made: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      made.unshift(await issueIn(workspace));
      const events = await list();
      expect(events.map(({ key_id }) => key_id)).toEqual([...made, null]);
    }
  });
});

test('the log of a workspace shows no event past its retention, even if it is not deleted yet', async () => {
  const workspace = await newWorkspace(product, 'filtered');
  const typesOf = async (query: string) => (await readerOf(workspace).list(query)).map(({ type }) => type);
  await manager(workspace).revoke(await issueIn(workspace));
  const { tables } = product;
  const [event] = await readerOf(workspace).list('?type=key.revoked');
  const inTable = async () =>
    (await itemsOf(product, tables.events)).find(({ id }) => id === event?.id) as {
      at: number;
      deleteAt: number;
    };
  const { at, deleteAt } = await inTable();
  expect(deleteAt - at).toBe(400 * 86_400);
  await tables.client.send(
    new UpdateItemCommand({
      TableName: tables.events,
      Key: toItem(eventKey('filtered', event?.id ?? '')),
      UpdateExpression: 'SET deleteAt = :now',
      ExpressionAttributeValues: toItem({ ':now': Math.floor(Date.now() / 1000) }),
    }),
  );
  expect(await typesOf('?type=key.revoked')).toEqual([]);
  expect(await typesOf('')).not.toContain('key.revoked');
});

describe('the log of one’s own refused calls', () => {
  const mine = (credential: string) => send(`${product.managementUrl}/v1/me/events`, { credential });

  test('is shown to that person alone, and is empty if they did nothing', async () => {
    const [one, other] = [await signIn(product, 'usr_one'), await signIn(product, 'usr_other')];
    await send(`${product.managementUrl}/v1/workspaces/acme`, { credential: one });
    expect((await mine(one)).body.events).toMatchObject([
      { type: 'call.refused', actor: { user: 'usr_one' } },
    ]);
    expect((await mine(other)).body).toEqual({ events: [], next_cursor: null });
  });

  test('does not exist for an API key, whose refusals are in the log of its workspace', async () => {
    const { secret } = (await manager(product).issue({ scopes: ['admin'] })).body;
    expect(await mine(secret)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});
