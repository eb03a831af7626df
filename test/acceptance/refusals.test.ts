import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RefusedEvent } from '../../core/audit/audit-event.ts';
import { checksum } from '../../core/credential/key-text.ts';
import {
  type Answer,
  manager,
  newWorkspace,
  refusalsOf,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';

let product: TestProduct;
let operatorId: string;
/** An ordinary key of the workspace, the object of what is tried; one that has ended; and one of another workspace. */
let subject: { id: string; secret: string };
let ended: string;
let foreign: string;
let admin: { id: string; secret: string };
let reader: { id: string; secret: string };
/** Users of this suite alone. For a minute a function remembers whom it refused, and another suite may have borrowed it before. */
const USERS = { owner: 'usr_refused_owner', member: 'usr_refused_member', stranger: 'usr_refused_stranger' };
let people: Record<keyof typeof USERS, string>;

beforeAll(async () => {
  product = await startProduct();
  operatorId = (await call('GET', '/v1/me', product.managementKey)).body.credential_id;
  subject = await issued({});
  admin = await issued({ scopes: ['admin'] });
  reader = await issued({});
  ended = (await issued({})).id;
  await manager(product).revoke(ended);
  foreign = (await issued({}, manager(await newWorkspace(product, 'other')))).id;
  for (const role of ['owner', 'member'] as const)
    await call('PUT', `${WS}/members/${USERS[role]}`, product.managementKey, { role });
  people = {
    owner: await signIn(product, USERS.owner),
    member: await signIn(product, USERS.member),
    stranger: await signIn(product, USERS.stranger),
  };
});
afterAll(() => product.stop());

async function issued(fields: object, by = manager(product)): Promise<{ id: string; secret: string }> {
  const { body } = await by.issue(fields);
  return { id: body.key.id, secret: body.secret };
}

const call = (method: string, path: string, credential?: string, body?: unknown): Promise<Answer> =>
  send(product.managementUrl + path, { method, credential, body });

const PATTERN = '/v1/workspaces/{workspace}';
const WS = '/v1/workspaces/acme';

interface Attempt {
  readonly as: string;
  readonly request: string;
  readonly body?: object;
  readonly status: number;
  readonly event: Partial<RefusedEvent>;
}

const actors = () => ({
  admin: { kind: 'api_key', credentialId: admin.id, user: product.users.owner } as const,
  reader: { kind: 'api_key', credentialId: reader.id, user: product.users.owner } as const,
  operator: { kind: 'management_key', credentialId: operatorId, user: null } as const,
  owner: { kind: 'person', credentialId: null, user: USERS.owner } as const,
  member: { kind: 'person', credentialId: null, user: USERS.member } as const,
  stranger: { kind: 'person', credentialId: null, user: USERS.stranger } as const,
});

/** Each kind of caller who is known, and each kind of refusal: by the authorizer, and by functions. */
const ATTEMPTS: Record<string, () => Attempt> = {
  'a key that lacks the scope, in its own workspace': () => ({
    as: reader.secret,
    request: `POST ${WS}/keys/${subject.id}/revoke`,
    status: 403,
    event: {
      workspace: 'acme',
      actor: actors().reader,
      code: 'insufficient_scope',
      keyId: subject.id,
      action: `POST ${PATTERN}/keys/{key}/revoke`,
    },
  }),
  'a key that lacks the scope, in another workspace': () => ({
    as: reader.secret,
    request: 'GET /v1/workspaces/other/keys',
    status: 403,
    event: {
      workspace: 'acme',
      actor: actors().reader,
      code: 'insufficient_scope',
      keyId: null,
      action: `GET ${PATTERN}/keys`,
    },
  }),
  'an admin key on a route for operators': () => ({
    as: admin.secret,
    request: 'POST /v1/keys/verify',
    body: { credential: 'x' },
    status: 403,
    event: {
      workspace: 'acme',
      actor: actors().admin,
      code: 'forbidden',
      keyId: null,
      action: 'POST /v1/keys/verify',
    },
  }),
  'an admin key that changes itself': () => ({
    as: admin.secret,
    request: `PATCH ${WS}/keys/${admin.id}`,
    body: { name: 'x' },
    status: 403,
    event: { workspace: 'acme', actor: actors().admin, code: 'forbidden', keyId: admin.id },
  }),
  'an admin key that looks into another workspace': () => ({
    as: admin.secret,
    request: `GET /v1/workspaces/other/keys/${foreign}`,
    status: 404,
    event: { workspace: 'acme', actor: actors().admin, code: 'not_found', keyId: foreign },
  }),
  'an admin key that names no key': () => ({
    as: admin.secret,
    request: `POST ${WS}/keys/kw_live_pasted/revoke`,
    status: 404,
    event: { workspace: 'acme', actor: actors().admin, code: 'not_found', keyId: null },
  }),
  'a member who reaches for the key of somebody else': () => ({
    as: people.member,
    request: `GET ${WS}/keys/${subject.id}`,
    status: 403,
    event: { workspace: 'acme', actor: actors().member, code: 'forbidden', keyId: subject.id },
  }),
  'a member who reads the audit log': () => ({
    as: people.member,
    request: `GET ${WS}/events`,
    status: 403,
    event: { workspace: 'acme', actor: actors().member, code: 'forbidden', action: `GET ${PATTERN}/events` },
  }),
  'an owner on a route for operators': () => ({
    as: people.owner,
    request: 'POST /v1/workspaces',
    body: { slug: 'acme' },
    status: 403,
    event: {
      workspace: `USER#${USERS.owner}`,
      actor: actors().owner,
      code: 'forbidden',
      action: 'POST /v1/workspaces',
    },
  }),
  'a stranger who has signed in': () => ({
    as: people.stranger,
    request: `GET ${WS}/members`,
    status: 404,
    event: { workspace: `USER#${USERS.stranger}`, actor: actors().stranger, code: 'not_found' },
  }),
  'an operator who changes what has ended': () => ({
    as: product.managementKey,
    request: `PATCH ${WS}/keys/${ended}`,
    body: { name: 'x' },
    status: 409,
    event: { workspace: 'acme', actor: actors().operator, code: 'key_revoked', keyId: ended },
  }),
  'an operator who takes back an invitation that there is not': () => ({
    as: product.managementKey,
    status: 404,
    request: `DELETE ${WS}/invitations/inv_00000000000000000000`,
    event: {
      workspace: 'acme',
      actor: actors().operator,
      code: 'not_found',
      keyId: null,
      invitationId: 'inv_00000000000000000000',
    },
  }),
  'an operator in a workspace that there is not': () => ({
    as: product.managementKey,
    request: 'GET /v1/workspaces/nowhere',
    status: 404,
    event: { workspace: 'OPERATOR', actor: actors().operator, code: 'not_found', action: `GET ${PATTERN}` },
  }),
  'an operator who takes a slug that is taken': () => ({
    as: product.managementKey,
    request: 'POST /v1/workspaces',
    status: 409,
    body: { slug: 'acme', name: 'Acme', created_by: 'usr_somebody' },
    event: { workspace: 'OPERATOR', actor: actors().operator, code: 'slug_taken' },
  }),
};

/** @returns the refusals that came with it. */
async function refusalsDuring(act: () => Promise<unknown>): Promise<RefusedEvent[]> {
  const before = new Set((await refusalsOf(product)).map(({ id }) => id));
  await act();
  return (await refusalsOf(product)).filter(({ id }) => !before.has(id));
}

/** A minute may end while a test runs: then there is one event in each. */
const minuteOf = ({ at }: RefusedEvent) => Math.floor(at / 60);

test.each(Object.entries(ATTEMPTS))(
  'refusing %s leaves exactly one event a minute, however often it is tried',
  async (_, attempt) => {
    const { as, request, body, status, event } = attempt();
    const [method = '', path = ''] = request.split(' ');
    const written = await refusalsDuring(async () => {
      for (const _ of ['once', 'again']) expect((await call(method, path, as, body)).status).toBe(status);
    });
    expect(written.length).toBeGreaterThan(0);
    expect(new Set(written.map(minuteOf)).size).toBe(written.length);
    const expected = { type: 'call.refused', outcome: 'refused', sourceAddress: '127.0.0.1', ...event };
    for (const one of written) expect(one).toMatchObject(expected);
  },
);

describe('no event is left', () => {
  const unknown = `kw_live_${'a'.repeat(30)}`;
  const anonymous: [string, () => string | undefined][] = [
    ['nobody', () => undefined],
    ['garbage', () => 'garbage'],
    ['a key that was made up, with the right checksum', () => unknown + checksum(unknown)],
    ['a management key that was made up', () => `kwm_${'a'.repeat(30)}${checksum(`kwm_${'a'.repeat(30)}`)}`],
    ['a token that nobody signed', () => `${people.member.split('.').slice(0, 2).join('.')}.c2ln`],
  ];
  test.each(anonymous)('by %s', async (_, credentialOf) => {
    const written = await refusalsDuring(async () => {
      expect((await call('GET', '/v1/me', credentialOf())).status).toBe(401);
      expect((await call('POST', `${WS}/keys/${subject.id}/revoke`, credentialOf())).status).toBe(401);
    });
    expect(written).toEqual([]);
  });

  test('by a key that has ended or is disabled, which is nobody’s any more', async () => {
    const own = await issued({ scopes: ['admin'] });
    const disabled = await issued({ scopes: ['admin'] });
    await manager(product).revoke(own.id);
    await manager(product).update(disabled.id, { enabled: false });
    const written = await refusalsDuring(async () => {
      for (const { secret } of [own, disabled])
        expect((await call('GET', `${WS}/keys`, secret)).status).toBe(401);
    });
    expect(written).toEqual([]);
  });
});

test('nobody writes into a stranger’s log, whatever they try there', async () => {
  const { managementUrl, managementKey } = product;
  const victim = await newWorkspace(product, 'victim');
  const key = await issued({}, manager(victim));
  const logOf = async () =>
    (await send(`${managementUrl}/v1/workspaces/victim/events`, { credential: managementKey })).body.events;
  const before = await logOf();
  for (const as of [admin.secret, reader.secret, people.owner, people.stranger])
    for (const request of ['GET /keys', 'POST /keys', 'GET /events', `PATCH /keys/${key.id}`]) {
      const [method = '', path = ''] = request.split(' ');
      const body = method === 'GET' ? undefined : {};
      const { status } = await call(method, `/v1/workspaces/victim${path}`, as, body);
      expect([403, 404]).toContain(status);
    }
  expect(before).toHaveLength(2);
  expect(await logOf()).toEqual(before);
});

test('what a stranger finds in their own log does not tell which workspaces there are', async () => {
  const credential = await signIn(product, 'usr_prober');
  for (const slug of ['other', 'nowhere'])
    expect((await call('GET', `/v1/workspaces/${slug}`, credential)).status).toBe(404);
  const { events } = (await call('GET', '/v1/me/events', credential)).body;
  const [event, nextMinute] = events;
  expect(event).toMatchObject({
    type: 'call.refused',
    outcome: 'refused',
    code: 'not_found',
    action: `GET ${PATTERN}`,
    workspace: null,
    key_id: null,
    actor: { kind: 'person', credential_id: null, user: 'usr_prober' },
  });
  expect(JSON.stringify(events)).not.toMatch(/other|nowhere/);
  if (nextMinute !== undefined)
    expect({ ...nextMinute, id: '', at: '' }).toEqual({ ...event, id: '', at: '' });
});
