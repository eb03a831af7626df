import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, send, signIn, startProduct, type TestProduct } from '../product.ts';
import type { RouteName } from './bad-inputs.ts';

/** A product with everything: tokens, roles and invitations. */
let product: TestProduct;
let operatorId: string;
let owner: string;
beforeAll(async () => {
  product = await startProduct('sophic');
  operatorId = (await call('GET', '/v1/me')).body.credential_id;
  owner = await signIn(product, product.users.owner);
});
afterAll(() => product.stop());

const call = (method: string, path: string, body?: unknown, credential = product.managementKey) =>
  send(product.managementUrl + path, { method, credential, ...(body !== undefined && { body }) });

const WS = '/v1/workspaces/acme';

// biome-ignore lint/suspicious/noExplicitAny: events of every shape.
type Shown = Record<string, any>;

interface Change {
  readonly answer: Answer;
  readonly event: Shown;
  /** Whose log tells of it. @default the operator's view of the workspace `acme` */
  readonly log?: () => Promise<Answer>;
}

const eventsAt = (path: string, credential?: string) => () => call('GET', path, undefined, credential);

const NEW = { before: null } as const;
const ISSUED = {
  name: 'ci',
  description: null,
  external_id: null,
  scopes: ['read'],
  enabled: true,
  allowed_cidrs: [],
};
const IMPORTED = { hash: 'ab'.repeat(32), algorithm: 'sha256', name: 'ci', scopes: ['read'] };

async function issue(
  fields: object = {},
): Promise<{ id: string; secret: string; start: string; answer: Answer }> {
  const body = { name: 'ci', scopes: ['read'], created_by: product.users.owner, ...fields };
  const answer = await call('POST', `${WS}/keys`, body);
  const { key, secret } = answer.body;
  return { id: key.id, secret, start: key.start, answer };
}

const invite = (email: string) => call('POST', `${WS}/invitations`, { email, role: 'member' });

async function issueToken(path: string, credential?: string): Promise<Answer> {
  return call('POST', path, { name: 'mine', scopes: ['read'], role: 'member' }, credential);
}

const link = () => call('POST', '/v1/sessions', { user_id: product.users.member, workspace: 'acme' });

async function openLink(): Promise<Answer> {
  const [, code] = (await link()).body.url.split('#session=');
  return send(`${product.managementUrl}/v1/sessions/exchange`, { method: 'POST', body: { code } });
}

const throughSession = () => ({
  key_id: expect.stringMatching(/^ses_/),
  user_id: product.users.member,
  actor: { kind: 'person', credential_id: expect.stringMatching(/^ses_/), user: product.users.member },
});

const TOKEN_ISSUED = { name: 'mine', scopes: ['read'], role: 'member', expires_at: null };
const ENDED = { before: { status: 'active' }, after: { status: 'revoked' } };
const myLog = () => eventsAt('/v1/me/events', owner);
const tokensOf = () => `/v1/users/${product.users.owner}/tokens`;

async function revokeToken(path: string, credential?: string): Promise<Change> {
  const { token } = (await issueToken(path, credential)).body;
  const answer = await call('POST', `${path}/${token.id}/revoke`, '', credential);
  return { answer, event: { type: 'token.revoked', key_id: token.id, ...ENDED }, log: myLog() };
}

type Reading = `GET ${string}` | 'POST /v1/keys/verify';

/** Every route that changes something; one without an entry does not compile. */
const CHANGES: Record<Exclude<RouteName, Reading>, () => Promise<Change>> = {
  'POST /v1/workspaces': async () => ({
    answer: await call('POST', '/v1/workspaces', { slug: 'new', name: 'New', created_by: 'usr_new' }),
    event: { type: 'workspace.created', ...NEW, after: { name: 'New', plan: null, owner: 'usr_new' } },
    log: eventsAt('/v1/workspaces/new/events'),
  }),
  'PATCH /v1/workspaces/{workspace}': async () => ({
    answer: await call('PATCH', WS, { name: 'Acme Ltd' }),
    event: { type: 'workspace.updated', before: { name: 'Acme' }, after: { name: 'Acme Ltd' } },
  }),
  'PUT /v1/workspaces/{workspace}/members/{user_id}': async () => ({
    answer: await call('PUT', `${WS}/members/usr_put`, { role: 'admin' }),
    event: { type: 'member.added', user_id: 'usr_put', before: { role: null }, after: { role: 'admin' } },
  }),
  'DELETE /v1/workspaces/{workspace}/members/{user_id}': async () => {
    await call('PUT', `${WS}/members/usr_gone`, { role: 'member' });
    return {
      answer: await call('DELETE', `${WS}/members/usr_gone`),
      event: {
        type: 'member.removed',
        user_id: 'usr_gone',
        before: { role: 'member' },
        after: { role: null },
      },
    };
  },
  'POST /v1/workspaces/{workspace}/keys': async () => {
    const { id, start, answer } = await issue({ expires_at: '2040-01-01T00:00:00Z' });
    const after = {
      ...ISSUED,
      start,
      created_by: product.users.owner,
      role: null,
      rate_limit: null,
      expires_at: '2040-01-01T00:00:00.000Z',
    };
    return { answer, event: { type: 'key.issued', key_id: id, before: null, after } };
  },
  'POST /v1/workspaces/{workspace}/keys/import': async () => {
    const row = { ...IMPORTED, created_by: product.users.owner };
    const answer = await call('POST', `${WS}/keys/import`, { keys: [row] });
    const start = 'sophic_key_';
    const after = {
      ...ISSUED,
      start,
      created_by: product.users.owner,
      role: null,
      rate_limit: null,
      expires_at: null,
    };
    const [{ id }] = answer.body.results;
    return { answer, event: { type: 'key.imported', key_id: id, before: null, after } };
  },
  'PATCH /v1/workspaces/{workspace}/keys/{key}': async () => {
    const { id } = await issue();
    // A field that is named and stays what it was has not changed.
    const body = { name: 'ci', description: 'x', enabled: false, allowed_cidrs: ['10.0.0.0/8'] };
    return {
      answer: await call('PATCH', `${WS}/keys/${id}`, body),
      event: {
        type: 'key.updated',
        key_id: id,
        before: { description: null, enabled: true, allowed_cidrs: [] },
        after: { description: 'x', enabled: false, allowed_cidrs: ['10.0.0.0/8'] },
      },
    };
  },
  'POST /v1/workspaces/{workspace}/keys/{key}/revoke': async () => {
    const { id } = await issue();
    await call('PATCH', `${WS}/keys/${id}`, { enabled: false });
    return {
      answer: await call('POST', `${WS}/keys/${id}/revoke`, ''),
      event: {
        type: 'key.revoked',
        key_id: id,
        before: { status: 'disabled' },
        after: { status: 'revoked' },
      },
    };
  },
  'POST /v1/workspaces/{workspace}/keys/revoke': async () => {
    const { id } = await issue({ expires_at: '2030-01-01T00:00:00Z' });
    return {
      answer: await call('POST', `${WS}/keys/revoke`, { dry_run: false, ids: [id] }),
      event: { type: 'key.revoked', key_id: id, ...ENDED },
    };
  },
  'POST /v1/workspaces/{workspace}/keys/{key}/rotate': async () => {
    const { id, start } = await issue({ expires_at: '2040-01-01T00:00:00Z' });
    const answer = await call('POST', `${WS}/keys/${id}/rotate`, { overlap_seconds: 60 });
    const before = { start, older_secret_ends_at: '2040-01-01T00:00:00.000Z' };
    const after = {
      start: answer.body.key.start,
      overlap_seconds: 60,
      older_secret_ends_at: expect.stringMatching(/^20[23]\d-.*Z$/),
    };
    return { answer, event: { type: 'key.rotated', key_id: id, before, after } };
  },
  'POST /v1/workspaces/{workspace}/keys/{key}/previous-secret/revoke': async () => {
    const { id } = await issue();
    await call('POST', `${WS}/keys/${id}/rotate`, { overlap_seconds: 60 });
    const time = expect.stringMatching(/^20[23]\d-.*Z$/);
    return {
      answer: await call('POST', `${WS}/keys/${id}/previous-secret/revoke`, ''),
      event: {
        type: 'key.previous_secret_revoked',
        key_id: id,
        before: { older_secret_ends_at: time },
        after: { older_secret_ends_at: time },
      },
    };
  },
  'POST /v1/workspaces/{workspace}/invitations': async () => {
    const answer = await invite('ada@example.com');
    const { id, expires_at } = answer.body;
    const after = { role: 'member', expires_at };
    return { answer, event: { type: 'invitation.created', invitation_id: id, before: null, after } };
  },
  'DELETE /v1/workspaces/{workspace}/invitations/{invitation}': async () => {
    const { id } = (await invite('grace@example.com')).body;
    return {
      answer: await call('DELETE', `${WS}/invitations/${id}`),
      event: {
        type: 'invitation.revoked',
        invitation_id: id,
        before: { role: 'member' },
        after: { role: null },
      },
    };
  },
  'POST /v1/keys/self/revoke': async () => {
    const { id, secret } = await issue();
    const actor = { kind: 'api_key', credential_id: id, user: product.users.owner };
    return {
      answer: await call('POST', '/v1/keys/self/revoke', '', secret),
      event: { type: 'key.revoked', key_id: id, actor, ...ENDED },
    };
  },
  'POST /v1/sessions': async () => ({
    answer: await link(),
    event: {
      type: 'session.created',
      key_id: expect.stringMatching(/^ses_/),
      user_id: product.users.member,
      before: null,
      after: { expires_at: expect.any(String), session_seconds: 28_800 },
    },
  }),
  'POST /v1/sessions/exchange': async () => {
    const answer = await openLink();
    return {
      answer,
      event: { type: 'session.started', ...throughSession(), before: null, after: expect.anything() },
    };
  },
  'POST /v1/sessions/self/revoke': async () => {
    const { session } = (await openLink()).body;
    const answer = await call('POST', '/v1/sessions/self/revoke', '', session);
    return { answer, event: { type: 'session.ended', ...throughSession(), before: null, after: null } };
  },
  'POST /v1/sessions/revoke': async () => {
    await openLink();
    const answer = await call('POST', '/v1/sessions/revoke', { user_id: product.users.member });
    const { key_id, user_id } = throughSession();
    return { answer, event: { type: 'session.ended', key_id, user_id, before: null, after: null } };
  },
  'POST /v1/me/tokens': async () => {
    const answer = await issueToken('/v1/me/tokens', owner);
    const { id, start } = answer.body.token;
    const event = { type: 'token.issued', key_id: id, before: null, after: { start, ...TOKEN_ISSUED } };
    return { answer, event: { ...event, actor: personal() }, log: myLog() };
  },
  'POST /v1/me/tokens/{token}/revoke': async () => {
    const change = await revokeToken('/v1/me/tokens', owner);
    return { ...change, event: { ...change.event, actor: personal() } };
  },
  'POST /v1/users/{user_id}/tokens': async () => {
    const answer = await issueToken(tokensOf());
    const { id, start } = answer.body.token;
    const event = { type: 'token.issued', key_id: id, before: null, after: { start, ...TOKEN_ISSUED } };
    return { answer, event, log: myLog() };
  },
  'POST /v1/users/{user_id}/tokens/{token}/revoke': () => revokeToken(tokensOf()),
};

const personal = () => ({ kind: 'person', credential_id: null, user: product.users.owner });

/** A change may need others before it: those have events too. The newest event comes first. */
test.each(Object.entries(CHANGES))(
  '%s leaves one event that says who, from where, on what, before and after',
  async (route, change) => {
    const { answer, event, log = eventsAt(`${WS}/events`) } = await change();
    expect(answer.status).toBeLessThan(300);
    const [newest, ...older] = (await log()).body.events;
    const workspace = route.includes('/tokens') ? null : route === 'POST /v1/workspaces' ? 'new' : 'acme';
    expect(newest).toEqual({
      id: expect.stringMatching(/^evt_[0-9A-Za-z]{20}$/),
      at: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      actor: { kind: 'management_key', credential_id: operatorId, user: null },
      source_address: '127.0.0.1',
      workspace,
      key_id: null,
      user_id: null,
      invitation_id: null,
      outcome: 'done',
      action: null,
      code: null,
      ...event,
    });
    const isOfIt = ({ type, key_id, user_id, invitation_id }: Shown) =>
      [type, key_id, user_id, invitation_id].join() ===
      [newest.type, newest.key_id, newest.user_id, newest.invitation_id].join();
    expect(older.filter(isOfIt)).toEqual([]);
  },
);

test('the removal of a member writes one event for each key that it revokes, with who removed them', async () => {
  await call('PUT', `${WS}/members/usr_leaver`, { role: 'admin' });
  const { id } = await issue({ created_by: 'usr_leaver' });
  await call('DELETE', `${WS}/members/usr_leaver`);
  const [event] = (await call('GET', `${WS}/events?key_id=${id}&type=key.revoked`)).body.events;
  expect(event).toMatchObject({
    ...ENDED,
    actor: { credential_id: operatorId },
    source_address: '127.0.0.1',
  });
});

test('an accepted invitation writes one event, in the name of the person who signed in', async () => {
  const { id } = (await invite('linus@example.com')).body;
  const guest = await signIn(product, 'linus@example.com');
  const { user } = (await call('GET', '/v1/me', undefined, guest)).body;
  const { events } = (await call('GET', `${WS}/events?type=member.added&actor=${user}`)).body;
  expect(events).toEqual([
    expect.objectContaining({
      user_id: user,
      invitation_id: id,
      source_address: null,
      actor: { kind: 'person', credential_id: null, user },
      before: { role: null, name: null },
      after: { role: 'member', name: 'linus@example.com' },
    }),
  ]);
});

test('a refused call of a token is in its user’s own log', async () => {
  const { token, secret } = (await issueToken(tokensOf())).body;
  expect((await call('GET', `${WS}/keys`, undefined, secret)).status).toBe(403);
  const [event] = (await call('GET', `/v1/me/events?actor=${token.id}`, undefined, owner)).body.events;
  expect(event).toMatchObject({
    type: 'call.refused',
    code: 'forbidden',
    workspace: null,
    actor: { kind: 'personal_access_token', credential_id: token.id, user: product.users.owner },
  });
  expect((await call('GET', `${WS}/events?actor=${token.id}`)).body.events).toEqual([]);
});

test('the operator’s own log shows the management keys that were made', async () => {
  const { events } = (await call('GET', '/v1/me/events?type=management_key.issued')).body;
  expect(events).toEqual([
    expect.objectContaining({
      key_id: operatorId,
      workspace: null,
      source_address: null,
      before: null,
      actor: { kind: 'operator', credential_id: null, user: null },
      after: { name: 'bootstrap', start: product.managementKey.slice(0, 8) },
    }),
  ]);
});
