import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '../../core/credential/secret.ts';
import type { RunningFunction } from '../../local/index.ts';
import { fieldsOf, type PendingChange, writeKey } from '../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../stores/dynamodb/keys/key-read.ts';
import { pendingMark } from '../../stores/dynamodb/table/intent.ts';
import { workspaceKey } from '../../stores/dynamodb/table/tables.ts';
import { transact } from '../../stores/dynamodb/table/transaction.ts';
import {
  type PendingMembership,
  putMemberPart,
  readMemberItem,
} from '../../stores/dynamodb/workspaces/member-item.ts';
import { readWorkspaceItem } from '../../stores/dynamodb/workspaces/workspace-item.ts';
import { fillSlots } from '../member-slots.ts';
import { manager, newWorkspace, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
  await useEverything();
});
afterAll(() => product.stop());

async function expectStatus(answer: Promise<{ status: number }>, status: number): Promise<void> {
  expect((await answer).status).toBe(status);
}

/** Everything that any function can do, done at least once. */
async function useEverything(): Promise<void> {
  const { managementUrl, apiUrl, managementKey } = product;
  const operator = manager(product);
  const other = await newWorkspace(product, 'other');
  await expectStatus(send(`${managementUrl}/v1/workspaces/other`, { credential: managementKey }), 200);
  await expectStatus(manager(other).list(), 200);
  const { key, secret } = (await operator.issue({ scopes: ['admin'] })).body;
  for (const path of ['/v1/me', '/v1/scopes'])
    await expectStatus(send(managementUrl + path, { credential: secret }), 200);
  await expectStatus(operator.verify({ credential: secret }), 200);
  const admin = manager(product, secret);
  const child = (await admin.issue()).body.key;
  await expectStatus(admin.update(child.id, { name: 'renamed' }), 200);
  await expectStatus(admin.rotate(child.id, 0), 200);
  await useIdempotencyKeys(child.id);
  const row = { hash: 'ab'.repeat(32), algorithm: 'sha256', name: 'old', scopes: ['read:all'] };
  const keys = [{ ...row, created_by: product.users.owner }];
  await expectStatus(
    send(`${managementUrl}/v1/workspaces/acme/keys/import`, { credential: managementKey, body: { keys } }),
    200,
  );
  await useInvitations();
  await useSample(apiUrl, secret);
  await callUnknownRoute(secret);
  await expectStatus(operator.get(key.id), 200);
  await expectStatus(operator.list(), 200);
  await expectStatus(operator.update(key.id, { name: 'renamed' }), 200);
  await expectStatus(operator.rotate(key.id, 60), 200);
  await useMembers();
  await useSession();
  await beRefused();
  await finishRevocations();
  await finishUpdates();
  await endPreviousSecrets();
  await revokeMany();
  await leavePending(key.id, 'update');
  const crashed = (await operator.issue()).body.key;
  await leavePending(crashed.id, 'revoke');
  const rotating = (await operator.issue()).body.key;
  await leavePending(rotating.id, 'rotate');
  await leavePlanPending();
  await sweep();
  await fillSlots(product, product.users.admin);
  await expectStatus(operator.issue({ created_by: product.users.admin }), 409);
  expect(await memberOf('usr_left')).toMatchObject({ removedAt: expect.any(Number) });
  expect(await readWorkspaceItem(product.tables, product.workspace)).not.toHaveProperty('pendingChange');
  expect((await operator.get(crashed.id)).body.status).toBe('revoked');
  const { pendingChange, secrets } =
    (await readRecord(product.tables, { workspace: 'acme', id: rotating.id })) ?? {};
  expect({ pendingChange, secrets }).toMatchObject({ pendingChange: null, secrets: [{ endsAt: null }] });
  await expectStatus(operator.revoke(key.id), 200);
}

/** An update that a crash left is finished by whatever comes next, which puts the entry of the external id. */
async function finishUpdates(): Promise<void> {
  const operator = manager(product);
  const updating = async () => {
    const { id } = (await operator.issue()).body.key;
    await leavePending(id, 'update');
    return id;
  };
  await expectStatus(operator.update(await updating(), { name: 'renamed' }), 200);
  await expectStatus(operator.rotate(await updating(), 0), 200);
  await updating();
  const { managementUrl: url, managementKey: credential } = product;
  await expectStatus(
    send(`${url}/v1/workspaces/acme`, { method: 'PATCH', credential, body: { plan: 'free' } }),
    200,
  );
}

/** The older secret of a rotation is ended by a person, also where a crash has left another change. */
async function endPreviousSecrets(): Promise<void> {
  const operator = manager(product);
  const owner = manager(product, await signIn(product, product.users.owner));
  for (const left of [undefined, 'update', 'revoke'] as const) {
    const { id } = (await operator.issue()).body.key;
    await expectStatus(operator.rotate(id, 600), 200);
    if (left !== undefined) await leavePending(id, left);
    await expectStatus(owner.revokePrevious(id), 200);
  }
}

/** A session from its link to its end, which is renewed by a call some time after its start. */
async function useSession(): Promise<void> {
  const { managementUrl, managementKey: credential, users, workspace } = product;
  const sessions = `${managementUrl}/v1/sessions`;
  const asked = { user_id: users.member, workspace };
  const { url } = (await send(sessions, { credential, body: asked })).body;
  const [, code] = String(url).split('#session=');
  const { session } = (await send(`${sessions}/exchange`, { body: { code } })).body;
  await ageSession(session);
  await expectStatus(send(`${managementUrl}/v1/me`, { credential: session }), 200);
  await expectStatus(send(`${sessions}/self/revoke`, { method: 'POST', credential: session }), 200);
  const opened = (await send(sessions, { credential, body: asked })).body.url.split('#session=')[1];
  await expectStatus(send(`${sessions}/exchange`, { body: { code: opened } }), 200);
  await expectStatus(send(sessions, { credential, body: { ...asked, name: 'Ada' } }), 201);
  await expectStatus(send(`${sessions}/revoke`, { credential, body: asked }), 200);
}

/** Makes a session look as if it had begun two minutes earlier. */
async function ageSession(secret: string): Promise<void> {
  const { environment } = product.assembly.functions[functionNamed('EndSession')] ?? {};
  await product.tables.client.send(
    new UpdateItemCommand({
      TableName: environment?.KEYWARD_SESSIONS_TABLE,
      Key: { pk: { S: digestOf(secret) }, sk: { S: 'SESSION' } },
      UpdateExpression: 'SET expiresAt = expiresAt - :earlier',
      ExpressionAttributeValues: { ':earlier': { N: '120' } },
    }),
  );
}

/** A workspace and a rotation that are asked for with an Idempotency-Key. */
async function useIdempotencyKeys(id: string): Promise<void> {
  const { managementUrl, managementKey: credential, users } = product;
  const make = (path: string, body: object) =>
    send(managementUrl + path, { credential, body, headers: { 'Idempotency-Key': path } });
  const workspace = { slug: 'once', name: 'Once', created_by: users.owner };
  await expectStatus(make('/v1/workspaces', workspace), 201);
  await expectStatus(make(`/v1/workspaces/acme/keys/${id}/rotate`, { overlap_seconds: 0 }), 200);
}

/** A revocation that a crash left is finished by whatever comes next, and frees the slot of its key. */
async function finishRevocations(): Promise<void> {
  const operator = manager(product);
  const revoking = async () => {
    const { id } = (await operator.issue()).body.key;
    await leavePending(id, 'revoke');
    return id;
  };
  await expectStatus(operator.update(await revoking(), { name: 'renamed' }), 409);
  await expectStatus(operator.rotate(await revoking(), 0), 409);
  await revoking();
  const { managementUrl: url, managementKey: credential } = product;
  const plan = { method: 'PATCH', credential, body: { plan: 'enterprise' } };
  await expectStatus(send(`${url}/v1/workspaces/acme`, plan), 200);
}

/** Keys that are found in the whole workspace, and among those of one member. */
async function revokeMany(): Promise<void> {
  const { key } = (await manager(product).issue()).body;
  const admin = (await manager(product).issue({ created_by: product.users.admin })).body.key;
  for (const filter of [{ ids: [key.id] }, { created_by: admin.created_by }, { status: 'disabled' }])
    await expectStatus(manager(product).revokeMany({ dry_run: false, ...filter }), 200);
}

/** Members and workspaces, as an operator and as somebody who is signed in; and removals that a crash leaves. */
async function useMembers(): Promise<void> {
  const { managementUrl, managementKey, users } = product;
  const url = `${managementUrl}/v1/workspaces/acme`;
  const owner = await signIn(product, users.owner);
  const as = (credential: string) => (method: string, path: string, body?: object) =>
    send(url + path, { method, credential, ...(body && { body }) });
  const asOperator = as(managementKey);
  const asOwner = as(owner);
  await expectStatus(asOperator('PATCH', '', { plan: 'pro' }), 200);
  await expectStatus(asOwner('PATCH', '', { name: 'Acme Ltd' }), 200);
  for (const user of ['usr_kept', 'usr_left', 'usr_back'])
    await expectStatus(asOperator('PUT', `/members/${user}`, { role: 'member' }), 201);
  await expectStatus(asOwner('PUT', '/members/usr_kept', { role: 'owner' }), 200);
  await expectStatus(asOperator('GET', '/members'), 200);
  await expectStatus(manager(product).issue({ created_by: 'usr_kept' }), 201);
  await expectStatus(manager(product).issue({ created_by: users.member }), 201);
  await expectStatus(manager(product, await signIn(product, users.member)).list(), 200);
  await expectStatus(asOwner('DELETE', '/members/usr_kept'), 200);
  for (const user of ['usr_left', 'usr_back']) await leaveRemovalPending(user);
  await expectStatus(asOperator('PUT', '/members/usr_back', { role: 'admin' }), 201);
}

/** Refused by the authorizer, and by every function that only reads. */
async function beRefused(): Promise<void> {
  const { managementUrl, managementKey, users } = product;
  const member = await signIn(product, users.member);
  await expectStatus(manager(product, member).verify({ credential: 'x' }), 403);
  for (const path of ['', '/keys', '/members', '/invitations', '/events']) {
    const url = `${managementUrl}/v1/workspaces`;
    await expectStatus(send(`${url}/nowhere${path}`, { credential: managementKey }), 404);
  }
  await expectStatus(send(`${managementUrl}/v1/workspaces/acme/events`, { credential: managementKey }), 200);
}

const memberOf = (userId: string) => readMemberItem(product.tables, { workspace: product.workspace, userId });

async function leaveRemovalPending(userId: string): Promise<void> {
  const item = await memberOf(userId);
  if (item === undefined) throw new Error('The member is gone.');
  const actor = { kind: 'operator', credentialId: null, user: null } as const;
  const pendingChange: PendingMembership = {
    id: `chg_${userId}`,
    since: item.createdAt - 3_600,
    copies: [],
    actor,
    sourceAddress: null,
    kind: 'removal',
    keys: 'keep',
  };
  const next = { ...item, version: item.version + 1, pendingRole: 'none', pendingChange } as const;
  await transact(product.tables.client, { member: putMemberPart(product.tables, next, item) });
}

async function leavePlanPending(): Promise<void> {
  const item = await readWorkspaceItem(product.tables, product.workspace);
  if (item === undefined) throw new Error('The workspace is gone.');
  const pendingChange = { id: 'chg_plan', since: item.createdAt - 3_600, limit: null };
  await product.tables.client.send(
    new PutItemCommand({
      TableName: product.tables.records,
      Item: toItem({
        ...item,
        ...workspaceKey(item.slug),
        version: item.version + 1,
        pendingChange,
        ...pendingMark(pendingChange),
      }),
    }),
  );
}

/** People are invited by a person, the invitation is taken back, and another one is accepted. */
async function useInvitations(): Promise<void> {
  const url = `${product.managementUrl}/v1/workspaces/acme/invitations`;
  const credential = await signIn(product, product.users.owner);
  const invite = (email: string) => send(url, { credential, body: { email, role: 'member' } });
  const { id } = (await invite('ada@example.com')).body;
  await expectStatus(send(url, { credential }), 200);
  await expectStatus(send(`${url}/${id}`, { method: 'DELETE', credential }), 200);
  await expectStatus(invite('grace@example.com'), 201);
  const invited = await signIn(product, 'grace@example.com');
  await expectStatus(send(`${product.managementUrl}/v1/me`, { credential: invited }), 200);
  await expectStatus(manager(product, invited).list(), 200);
}

async function useSample(apiUrl: string, credential: string): Promise<void> {
  const call = (method: string, path: string, body?: object) =>
    send(`${apiUrl}${path}`, { method, credential, ...(body && { body }) });
  await expectStatus(call('GET', '/users'), 200);
  await expectStatus(call('GET', '/users/user-1'), 200);
  const { id } = (await call('POST', '/users', { name: 'new' })).body;
  await expectStatus(call('DELETE', `/users/${id}`), 204);
}

/** Leaves a change as a crash would: its mark is set, and nothing of it is done. */
async function leavePending(id: string, kind: PendingChange['kind']): Promise<void> {
  const record = await readRecord(product.tables, { workspace: product.workspace, id });
  if (record === undefined) throw new Error('The key is gone.');
  const { effectiveRateLimit, secrets, start } = record;
  const mark = { id: `chg_${id}`, since: record.createdAt - 3_600 };
  const added = { locator: digestOf('a secret that nobody was told'), endsAt: null };
  const changes = {
    revoke: { kind: 'revoke', ...mark },
    update: {
      kind: 'update',
      ...mark,
      fields: { ...fieldsOf(record), externalId: 'named by a change that a crash left' },
      effectiveRateLimit,
      secrets,
      dropped: [],
    },
    rotate: {
      kind: 'rotate',
      ...mark,
      start,
      secrets: [...secrets, added],
      added: added.locator,
      formerlyUsedAt: null,
    },
  } as const satisfies Record<PendingChange['kind'], PendingChange>;
  const pendingChange = changes[kind];
  const item = {
    ...record,
    ...(kind === 'rotate' && { secrets: [...secrets, added] }),
    version: record.version + 1,
    pendingChange,
  };
  await product.tables.client.send(
    new PutItemCommand({
      TableName: product.tables.records,
      Item: toItem(writeKey(item)),
    }),
  );
}

function functionNamed(name: string): string {
  const found = Object.values(product.assembly.functions).filter(({ constructPath }) =>
    constructPath.includes(name),
  );
  expect(found).toHaveLength(1);
  return found[0]?.id ?? '';
}

/** A route that a product has and its profile does not know: nobody may call it, and nothing is counted. */
async function callUnknownRoute(secret: string): Promise<void> {
  const result = await product.assembly.invoke(functionNamed('ProductAuthorizer'), {
    type: 'REQUEST',
    httpMethod: 'GET',
    resource: '/forgotten',
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:api/live/GET/forgotten',
    multiValueHeaders: { Authorization: [`Bearer ${secret}`] },
    requestContext: { requestId: 'request', identity: { sourceIp: '127.0.0.1' } },
  });
  expect(result).toMatchObject({ kind: 'returned', payload: { context: { code: 'forbidden' } } });
}

async function sweep(): Promise<void> {
  const result = await product.assembly.invoke(functionNamed('Sweeper'), {});
  expect(result.kind).toBe('returned');
}

/** What a function's role grants of DynamoDB, one action on one resource at a time. */
function grantsOf({ statements }: RunningFunction): { grant: string }[] {
  return statements.flatMap(({ actions, resources }) =>
    actions
      .filter((action) => /^(\*|dynamodb:)/i.test(action))
      .flatMap((action) => resources.map((resource) => ({ grant: `${action} ${resource}` }))),
  );
}

test('every call that a function made was allowed by its role', () => {
  const calls = product.assembly.recordedCalls();
  expect(calls.length).toBeGreaterThan(50);
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
});

test('every action on every resource that a role allows was used', () => {
  const calls = product.assembly.recordedCalls();
  const used = new Set(
    calls.map(({ functionId, action, resource }) => `${functionId} ${action} ${resource}`),
  );
  const unused = Object.values(product.assembly.functions).flatMap((fn) =>
    grantsOf(fn)
      .filter(({ grant }) => !used.has(`${fn.id} ${grant}`))
      .map(({ grant }) => `${fn.constructPath} ${grant}`),
  );
  expect(unused).toEqual([]);
});

test('no role names an action or a resource by a wildcard, or reaches anything but tables and its own log', () => {
  for (const { constructPath, logicalId, statements } of Object.values(product.assembly.functions)) {
    for (const { actions, resources } of statements) {
      for (const action of actions)
        expect(`${constructPath} ${action}`).toMatch(
          / (dynamodb:[A-Z]\w+|logs:(CreateLogStream|PutLogEvents))$/,
        );
      for (const resource of resources)
        expect(`${logicalId} ${resource}`).toMatch(/ arn:aws:(dynamodb:[^*]+|logs:[^*]+(:\*)?)$/);
    }
  }
});

test('only issuing, importing and rotating may put a secret, none may scan a table or change an event, and one may read them', () => {
  const byGrant = (pattern: RegExp) =>
    Object.values(product.assembly.functions)
      .filter((fn) => grantsOf(fn).some(({ grant }) => pattern.test(grant)))
      .map(({ constructPath }) => constructPath.split('/').at(-1))
      .sort();
  expect(byGrant(/PutItem .*Secrets/)).toEqual(['ImportKeys', 'IssueKey', 'RotateKey']);
  expect(byGrant(/(Scan|BatchWriteItem|DeleteTable|PartiQL)/)).toEqual([]);
  expect(byGrant(/ .*Events/)).not.toEqual([]);
  expect(byGrant(/(Update|Delete|Get|ConditionCheck)Item .*Events/)).toEqual([]);
  expect(byGrant(/Query .*Events/)).toEqual(['ReadEvents']);
});
