import { randomBytes } from 'node:crypto';
import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ManagementHandler } from '../../../core/management/route.ts';
import { seeded } from '../../stores/dynamodb/faults.ts';
import { partition } from '../../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../../stores/dynamodb/tables.ts';
import { capturedLog } from '../captured-log.ts';
import { type Answered, type Asked, managementHandlers } from './handlers.ts';

const MANY = 6;
const SOME = 4;
/** Enough for all of them, however busy the machine is. Milliseconds. */
const ENOUGH = { remaining: 60_000 };
/** Of all writes, the share that meets another transaction, which DynamoDB Local never shows. */
const SHARE = 0.2;
const WORKSPACE = '/v1/workspaces/{workspace}';

let tables: TestTables;
let handlers: ReturnType<typeof managementHandlers>;
let conflicting = 0;
const random = seeded(24);
beforeAll(async () => {
  tables = await createTables();
  handlers = managementHandlers(tables);
  handlers.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!/^(Update|Put|Delete|TransactWrite)/.test(commandName) || random() >= conflicting)
          return next(args);
        const { TransactItems } = args.input as { TransactItems?: unknown[] };
        throw TransactItems === undefined
          ? new TransactionConflictException({ $metadata: {}, message: 'ongoing' })
          : new TransactionCanceledException({
              $metadata: {},
              message: 'cancelled',
              CancellationReasons: TransactItems.map((_, index) => ({
                Code: index === 0 ? 'TransactionConflict' : 'None',
              })),
            });
      },
    { step: 'initialize', name: 'conflicts' },
  );
});
afterAll(() => tables.release());

const lines = capturedLog();
const faults = () =>
  lines.filter((line) => line.includes('"message":"fault"') || line.includes('"outcome":"fault"'));

async function newWorkspace() {
  const slug = `ws-${randomBytes(6).toString('hex')}`;
  const body = { slug, name: 'Acme', created_by: 'usr_owner' };
  const { status } = await handlers.call('create-workspace', {
    method: 'POST',
    resource: '/v1/workspaces',
    body,
  });
  expect(status).toBe(201);
  return slug;
}

async function newKey(slug: string): Promise<{ id: string; secret: string }> {
  const { status, body } = await handlers.call('issue-key', {
    method: 'POST',
    resource: `${WORKSPACE}/keys`,
    path: { workspace: slug },
    body: { name: 'n', scopes: ['read:all'], created_by: 'usr_owner' },
  });
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

/** Asks for as many changes as there are at once. */
async function allAtOnce(count: number, ask: (index: number) => Promise<Answered>): Promise<Answered[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
}

/** Every change was made: each is tried again until it is, and no fault is logged. */
function expectAllDone(answers: readonly Answered[]): void {
  expect(answers.filter(({ status }) => status > 201)).toEqual([]);
  expect(faults()).toEqual([]);
}

type Fields = Readonly<Record<string, unknown>>;

/** The changes that are written down, in the order in which each goes on from the one before. */
async function chainFrom(initial: Fields, { slug, type }: { slug: string; type: string }): Promise<Fields> {
  const events = (await partition(tables, tables.events, `WS#${slug}`)).filter(
    (event) => event.type === type,
  );
  let state = initial;
  let changes = 0;
  const rest = [...events];
  while (rest.length > 0) {
    const at = rest.findIndex(({ before }) =>
      Object.entries(before as Fields).every(([name, value]) => state[name] === value),
    );
    const [event] = at === -1 ? [] : rest.splice(at, 1);
    if (event === undefined) throw new Error(`No change goes on from ${JSON.stringify(state)}.`);
    state = { ...state, ...event.after };
    changes += 1;
  }
  return { ...state, changes };
}

describe('changes at the same time are all made without a fault, even if a fifth of all writes meet a transaction', () => {
  test.each([0, SHARE])('24 of one key, where each goes on from one before (%d)', async (share) => {
    conflicting = 0;
    const slug = await newWorkspace();
    const { id } = await newKey(slug);
    conflicting = share;
    const path = { workspace: slug, key: id };
    const resource = `${WORKSPACE}/keys/{key}`;
    const answers = await allAtOnce(MANY, (index) =>
      handlers.call('update-key', {
        method: 'PATCH',
        resource,
        path,
        ...ENOUGH,
        body: index % 2 === 0 ? { name: `name ${index}` } : { description: `text ${index}` },
      }),
    );
    expectAllDone(answers);
    conflicting = 0;
    const { body } = await handlers.call('read-keys', { method: 'GET', resource, path });
    const chain = await chainFrom({ name: 'n', description: null }, { slug, type: 'key.updated' });
    expect(chain).toEqual({ name: body.name, description: body.description, changes: MANY });
  });

  test('rotations of one key: one secret works, and an answer has shown it', async () => {
    conflicting = 0;
    const slug = await newWorkspace();
    const { id, secret } = await newKey(slug);
    conflicting = SHARE;
    const answers = await allAtOnce(SOME, () =>
      handlers.call('rotate-key', {
        method: 'POST',
        resource: `${WORKSPACE}/keys/{key}/rotate`,
        ...ENOUGH,
        path: { workspace: slug, key: id },
        body: { overlap_seconds: 0 },
      }),
    );
    expectAllDone(answers);
    conflicting = 0;
    const secrets = [secret, ...answers.flatMap(({ body }) => body.secret ?? [])];
    const valid = await Promise.all(
      secrets.map(async (credential) => {
        const asked = { method: 'POST', resource: '/v1/keys/verify', body: { credential } };
        return (await handlers.call('verify-key', asked)).body.valid;
      }),
    );
    expect(valid.filter(Boolean)).toHaveLength(1);
    expect(valid[0]).toBe(false);
    const events = await partition(tables, tables.events, `WS#${slug}`);
    expect(events.filter(({ type }) => type === 'key.rotated')).toHaveLength(SOME);
  });

  test('of one member, where each goes on from one before', async () => {
    conflicting = 0;
    const slug = await newWorkspace();
    conflicting = SHARE;
    const path = { workspace: slug, user_id: 'usr_other' };
    const resource = `${WORKSPACE}/members/{user_id}`;
    const answers = await allAtOnce(SOME, (index) =>
      handlers.call('put-member', {
        method: 'PUT',
        resource,
        path,
        ...ENOUGH,
        body: { role: index % 2 === 0 ? 'admin' : 'owner' },
      }),
    );
    expectAllDone(answers);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    conflicting = 0;
    const list = await handlers.call('read-members', {
      method: 'GET',
      resource: `${WORKSPACE}/members`,
      path: { workspace: slug },
    });
    const events = (await partition(tables, tables.events, `WS#${slug}`)).filter(({ type }) =>
      ['member.added', 'member.role_changed'].includes(type),
    );
    const first = events.find(({ type }) => type === 'member.added');
    const chain = await chainFrom(first?.after, { slug, type: 'member.role_changed' });
    const shown = list.body.members.find(({ user_id }: { user_id: string }) => user_id === 'usr_other');
    expect(chain.role).toBe(shown.role);
  });

  test('of one workspace, where each goes on from one before', async () => {
    conflicting = 0;
    const slug = await newWorkspace();
    conflicting = SHARE;
    const asked = { resource: WORKSPACE, path: { workspace: slug } };
    const answers = await allAtOnce(SOME, (index) =>
      handlers.call('update-workspace', {
        ...asked,
        method: 'PATCH',
        ...ENOUGH,
        body: index % 4 === 0 ? { plan: index % 8 === 0 ? 'pro' : 'enterprise' } : { name: `name ${index}` },
      }),
    );
    expectAllDone(answers);
    conflicting = 0;
    const { body } = await handlers.call('read-workspace', { ...asked, method: 'GET' });
    const chain = await chainFrom({ name: 'Acme', plan: 'free' }, { slug, type: 'workspace.updated' });
    expect(chain).toMatchObject({ name: body.name, plan: body.plan });
  });
});

test('calls at the same time with one Idempotency-Key make one thing, and all others are told of it', async () => {
  conflicting = 0;
  const slug = await newWorkspace();
  const { id } = await newKey(slug);
  conflicting = SHARE;
  const made = async (handler: ManagementHandler, asked: Asked) => {
    const once = {
      ...asked,
      ...ENOUGH,
      method: 'POST',
      idempotencyKey: `${handler} ${slug}`.replace(' ', '-'),
    };
    const answers = await allAtOnce(SOME, () => handlers.call(handler, once));
    const done = answers.filter(({ status }) => status < 300);
    const repeats = answers.filter(({ body }) => body.code === 'already_done');
    expect([handler, done.length, repeats.length]).toEqual([handler, 1, SOME - 1]);
    return new Set(repeats.map(({ body }) => body.made_id));
  };
  const body = { name: 'n', scopes: ['read:all'], created_by: 'usr_owner' };
  const path = { workspace: slug };
  const issued = await made('issue-key', { method: 'POST', resource: `${WORKSPACE}/keys`, path, body });
  await made('rotate-key', {
    method: 'POST',
    resource: `${WORKSPACE}/keys/{key}/rotate`,
    path: { ...path, key: id },
    body: { overlap_seconds: 60 },
  });
  const invitation = { email: 'ada@example.com', role: 'member' };
  await made('create-invitation', {
    method: 'POST',
    resource: `${WORKSPACE}/invitations`,
    path,
    body: invitation,
  });
  const workspace = { slug: `${slug}-2`, name: 'Acme', created_by: 'usr_owner' };
  await made('create-workspace', { method: 'POST', resource: '/v1/workspaces', body: workspace });
  conflicting = 0;
  const list = await handlers.call('read-keys', { method: 'GET', resource: `${WORKSPACE}/keys`, path });
  const others = list.body.keys.filter((key: { id: string }) => key.id !== id);
  expect(others.map((key: { id: string }) => key.id)).toEqual([...issued]);
  const events = await partition(tables, tables.events, `WS#${slug}`);
  expect(events.filter(({ type }) => type === 'key.rotated')).toHaveLength(1);
  expect(faults()).toEqual([]);
});

test('a change that always meets other changes gets a 409 in the end, which says that nothing was changed, and is no fault', async () => {
  conflicting = 0;
  const slug = await newWorkspace();
  const { id } = await newKey(slug);
  const path = { workspace: slug, key: id };
  const resource = `${WORKSPACE}/keys/{key}`;
  const before = await handlers.call('read-keys', { method: 'GET', resource, path });
  const events = await partition(tables, tables.events, `WS#${slug}`);
  conflicting = 1;
  const remaining = 4_000;
  const answers = await Promise.all([
    handlers.call('update-key', { method: 'PATCH', resource, path, body: { name: 'x' }, remaining }),
    handlers.call('revoke-key', { method: 'POST', resource: `${resource}/revoke`, path, remaining }),
    handlers.call('rotate-key', {
      method: 'POST',
      resource: `${resource}/rotate`,
      path,
      remaining,
      body: { overlap_seconds: 0 },
    }),
    handlers.call('put-member', {
      method: 'PUT',
      resource: `${WORKSPACE}/members/{user_id}`,
      remaining,
      path: { workspace: slug, user_id: 'usr_new' },
      body: { role: 'admin' },
    }),
    handlers.call('update-workspace', {
      method: 'PATCH',
      resource: WORKSPACE,
      path: { workspace: slug },
      body: { name: 'x' },
      remaining,
    }),
    handlers.call('issue-key', {
      method: 'POST',
      resource: `${WORKSPACE}/keys`,
      path: { workspace: slug },
      remaining,
      body: { name: 'x', scopes: ['read:all'], created_by: 'usr_owner' },
    }),
  ]);
  conflicting = 0;
  for (const { status, body } of answers) {
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'conflict' });
    expect(body.detail).toContain('Nothing was changed');
  }
  expect(faults()).toEqual([]);
  expect(await handlers.call('read-keys', { method: 'GET', resource, path })).toEqual(before);
  const later = await partition(tables, tables.events, `WS#${slug}`);
  expect(later).toEqual(events);
});
