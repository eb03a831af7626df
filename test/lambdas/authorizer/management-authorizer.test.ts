import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ChangeEvent, RefusedCall } from '../../../core/audit/audit-event.ts';
import { MANAGEMENT_KEY } from '../../../core/credential/credential-type.ts';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { openSession } from '../../../core/management/session.ts';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { createManagementAuthorizer } from '../../../lambdas/authorizer/management-authorizer.ts';
import { readDecision, readSignedInUser } from '../../../lambdas/authorizer/principal-context.ts';
import { sessionVerifier } from '../../../lambdas/authorizer/session-access.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { NOW, PRINCIPAL, SECRET } from '../../core/verification/stored-secrets.ts';
import { memorySessionStore } from '../../stores/memory/session-store.ts';
import { newWorld } from '../../stores/memory/world.ts';
import { capturedLog } from '../captured-log.ts';
import { calledEvent } from './called.ts';

capturedLog();
const textOf = (prefix: string) => {
  const random = prefix + 'a'.repeat(30);
  return random + checksum(random);
};
const MANAGEMENT = textOf('kwm_');
const KEYS = '/v1/workspaces/{workspace}/keys';

let store = memoryVerificationStore();
let managementKeys = memoryVerificationStore();
let noted: RefusedCall[] = [];
let sessions = memorySessionStore(newWorld());
beforeEach(() => {
  store = memoryVerificationStore();
  managementKeys = memoryVerificationStore();
  noted = [];
  sessions = memorySessionStore(newWorld());
});

/** @returns `allow`, the code of a denial, or the message of what was thrown. */
async function outcomeOf(route: string, text: string, profileName = 'standard'): Promise<string> {
  const { profile } = loadProfile(profileName);
  const authorizer = createManagementAuthorizer({
    profile,
    verification: {
      credentials: [MANAGEMENT_KEY, ...credentialTypesOf(profile)],
      store,
      managementKeys,
      tokens: store.tokenSource,
      tracking: 'stamp',
    },
    verifyAccessToken: async (token) =>
      token === 'good.access.token'
        ? { kind: 'allow', user: { kind: 'signed_in', user: 'usr_1' } }
        : { kind: 'refuse', code: 'unknown' },
    verifySession: sessionVerifier({ sessions, now: () => NOW }),
    noteRefusal: async (call) => void noted.push(call),
    now: () => NOW,
  });
  try {
    const { context } = await authorizer(calledEvent(route, { Authorization: `Bearer ${text}` }));
    const isAllowed = readDecision(context) !== undefined || readSignedInUser(context) !== undefined;
    return isAllowed ? 'allow' : String(context.refusal);
  } catch (error) {
    return (error as Error).message;
  }
}

test('a management key may call every route, and none that does not exist', async () => {
  const principal = { ...PRINCIPAL, kind: 'management_key', workspace: null, scopes: 'all' } as const;
  managementKeys.secrets.set(digestOf(MANAGEMENT), { ...SECRET, principal });
  expect(await outcomeOf('POST /v1/workspaces', MANAGEMENT)).toBe('allow');
  expect(await outcomeOf(`POST ${KEYS}`, MANAGEMENT)).toBe('allow');
  expect(await outcomeOf('POST /v1/elsewhere', MANAGEMENT)).toBe('forbidden');
});

describe('an API key', () => {
  const key = textOf('kw_live_');
  const remember = (...scopes: [string]) =>
    store.secrets.set(digestOf(key), { ...SECRET, principal: { ...PRINCIPAL, scopes } });

  test.each([
    ['admin', `POST ${KEYS}`, 'allow'],
    ['read:all', `POST ${KEYS}`, 'insufficient_scope'],
    ['admin', 'POST /v1/workspaces', 'forbidden'],
    ['read:all', 'GET /v1/me', 'allow'],
    ['read:all', 'POST /v1/keys/self/revoke', 'allow'],
  ])('with the scope %s that calls %s: %s', async (scope, route, outcome) => {
    remember(scope);
    expect(await outcomeOf(route, key)).toBe(outcome);
  });

  test('may revoke itself while it is disabled, and do nothing else', async () => {
    store.secrets.set(digestOf(key), { ...SECRET, state: 'disabled' });
    expect(await outcomeOf('POST /v1/keys/self/revoke', key)).toBe('allow');
    expect(await outcomeOf('GET /v1/me', key)).toBe('Unauthorized');
  });

  test('that is denied is noted in its own log, whatever workspace the path names', async () => {
    remember('read:all');
    await outcomeOf(`POST ${KEYS}`, key);
    expect(noted).toMatchObject([
      { log: 'acme', route: { method: 'POST', resource: KEYS }, code: 'insufficient_scope' },
    ]);
  });

  test('administers nothing where the profile has no scopes', async () => {
    const voice = 'a'.repeat(40);
    store.secrets.set(digestOf(voice), { ...SECRET, principal: { ...PRINCIPAL, scopes: 'all' } });
    expect(await outcomeOf(`POST ${KEYS}`, voice, 'supertone')).toBe('forbidden');
    expect(await outcomeOf('GET /v1/me', voice, 'supertone')).toBe('allow');
  });
});

test('a personal access token makes neither keys nor tokens; its holder may ask who they are, and revoke it', async () => {
  const token = textOf('sophic_pat_');
  store.tokens.set(digestOf(token), {
    credentialId: 'pat_1',
    user: 'usr_1',
    ceiling: 'owner',
    scopes: ['read'],
    state: 'active',
    expiresAt: null,
    lastUsedAt: null,
    memberships: { acme: 'owner' },
  });
  const outcomes: string[] = [];
  for (const route of [`POST ${KEYS}`, 'POST /v1/me/tokens', 'GET /v1/me', 'POST /v1/keys/self/revoke'])
    outcomes.push(await outcomeOf(route, token, 'sophic'));
  expect(outcomes).toEqual(['forbidden', 'forbidden', 'allow', 'allow']);
});

test('a person may call what a membership can allow, and nothing that is for the operator alone', async () => {
  const outcomes: string[] = [];
  for (const route of [`POST ${KEYS}`, 'GET /v1/me', 'POST /v1/workspaces'])
    outcomes.push(await outcomeOf(route, 'good.access.token'));
  expect(outcomes).toEqual(['allow', 'allow', 'forbidden']);
  expect(noted).toMatchObject([{ caller: { kind: 'signed_in', user: 'usr_1' }, code: 'forbidden' }]);
  expect(await outcomeOf('GET /v1/me', 'bad.access.token')).toBe('Unauthorized');
});

describe('the secret of a session', () => {
  const secret = textOf('kws_');
  const member = { workspace: 'acme', userId: 'usr_1', role: 'owner', createdAt: NOW, version: 1 } as const;
  const link = {
    ...{ id: 'ses_00000000000000000000', userId: 'usr_1', workspace: 'acme', memberSince: NOW },
    ...{ expiresAt: NOW + 60, sessionSeconds: 3_600 },
  };
  const event = { id: 'evt_1' } as unknown as ChangeEvent;
  beforeEach(async () => {
    const world = newWorld();
    world.members.set('acme usr_1', { ...member, member, removedAt: null });
    sessions = memorySessionStore(world);
    const code = digestOf('code');
    await sessions.keepLink({ link, code, member, event });
    const session = openSession(link, NOW);
    const started = { session, code, secret: digestOf(secret), member, now: NOW };
    await sessions.start({ ...started, event: { ...event, id: 'evt_2' } });
  });

  test.each([
    [`GET ${KEYS}`, 'allow'],
    [`POST ${KEYS}`, 'allow'],
    ['PUT /v1/workspaces/{workspace}/members/{user_id}', 'allow'],
    ['GET /v1/me', 'allow'],
    ['GET /v1/scopes', 'allow'],
    ['POST /v1/sessions/self/revoke', 'allow'],
    ['POST /v1/sessions', 'forbidden'],
    ['POST /v1/workspaces', 'forbidden'],
    ['GET /v1/me/events', 'forbidden'],
    ['POST /v1/keys/verify', 'forbidden'],
    ['POST /v1/keys/self/revoke', 'forbidden'],
  ])('that calls %s: %s', async (route, outcome) => {
    expect(await outcomeOf(route, secret)).toBe(outcome);
  });

  test.each(['POST /v1/me/tokens', 'GET /v1/me/tokens', 'POST /v1/users/{user_id}/tokens'])(
    'reaches no token, which would outlive it and work in other workspaces: %s',
    async (route) => {
      expect(await outcomeOf(route, secret, 'sophic')).toBe('forbidden');
    },
  );

  test.each([
    ['an unknown one', `${textOf('kws_').slice(0, 4)}${'b'.repeat(30)}`],
    ['the code of its link', textOf('kwl_')],
    ['one with another checksum', secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0')],
  ])('is refused when it is not known: %s', async (_, text) => {
    const sent = text.length === 34 ? text + checksum(text) : text;
    expect(await outcomeOf('GET /v1/me', sent)).toBe('Unauthorized');
  });

  test('is looked for nowhere but among sessions: a key of a product that is stored under it is none', async () => {
    sessions = memorySessionStore(newWorld());
    store.secrets.set(digestOf(secret), SECRET);
    managementKeys.secrets.set(digestOf(secret), SECRET);
    expect(await outcomeOf('GET /v1/me', secret)).toBe('Unauthorized');
  });
});

test('a caller’s own context cannot hold a session that looks like none', () => {
  const known = { decision: 'signed_in', user: 'usr_1' };
  expect(readSignedInUser(known)).toEqual({ kind: 'signed_in', user: 'usr_1' });
  for (const session of ['', 'ses_1', 'ses_1 acme 1 2', 'ses_1 acme 1 2 x', 'ses_1  1 2 3', 7, null])
    expect([session, readSignedInUser({ ...known, session })]).toEqual([session, undefined]);
});
