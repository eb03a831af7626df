import { expect, test } from '@jest/globals';
import type { Principal } from '../../../core/access/principal.ts';
import { makeRefusedEvent, occasionOf, type RefusedCall } from '../../../core/audit/audit-event.ts';

/** The beginning of a minute, in Unix seconds. */
const NOW = 1_800_000_000;
const BEGUN = { id: 'evt_00000000000000000001', at: NOW };

const CALL: RefusedCall = {
  caller: { kind: 'signed_in', user: 'usr_1' },
  log: 'acme',
  route: { method: 'POST', resource: '/v1/workspaces/{workspace}/keys/{key}/revoke' },
  pathParameters: { workspace: 'acme', key: 'key_00000000000000000001' },
  sourceAddress: '203.0.113.7',
  code: 'forbidden',
};

const API_KEY: Principal = {
  kind: 'api_key',
  credentialId: 'key_1',
  workspace: 'acme',
  user: 'usr_1',
  role: null,
  scopes: 'all',
  constraints: { expiresAt: null, allowedCidrs: [] },
};

test('the event of a refused call says who tried what on which credential, from where, and what the answer was', () => {
  expect(makeRefusedEvent(CALL, BEGUN)).toEqual({
    ...BEGUN,
    type: 'call.refused',
    outcome: 'refused',
    workspace: 'acme',
    actor: { kind: 'person', credentialId: null, user: 'usr_1' },
    sourceAddress: '203.0.113.7',
    keyId: 'key_00000000000000000001',
    code: 'forbidden',
    action: 'POST /v1/workspaces/{workspace}/keys/{key}/revoke',
  });
});

test('two refusals in the same minute count as one if caller, route, code and log are the same', () => {
  const occasion = occasionOf(CALL, NOW);
  expect(occasion.endsAt).toBe(NOW + 60);
  const pathParameters = { workspace: 'acme', key: 'key_00000000000000000002' };
  expect(occasionOf({ ...CALL, sourceAddress: '203.0.113.8', pathParameters }, NOW + 59)).toEqual(occasion);
});

test('refusals count separately if the caller, route, code, log or minute differs', () => {
  const { route } = CALL;
  const others: RefusedCall[] = [
    { ...CALL, caller: { kind: 'signed_in', user: 'usr_2' } },
    { ...CALL, caller: API_KEY },
    { ...CALL, caller: { ...API_KEY, credentialId: 'key_2' } },
    { ...CALL, caller: { ...API_KEY, kind: 'personal_access_token' } },
    { ...CALL, route: { ...route, method: 'GET' } },
    { ...CALL, route: { ...route, resource: '/v1/me' } },
    { ...CALL, code: 'not_found' },
    { ...CALL, log: 'other' },
  ];
  const all = [CALL, ...others].map((call) => occasionOf(call, NOW).id);
  const ids = new Set([...all, occasionOf(CALL, NOW + 60).id, occasionOf(CALL, NOW - 1).id]);
  expect(ids.size).toBe(others.length + 3);
});

test('the event of a refused call repeats a value from the path only if it could be an id: anything else may be a secret', () => {
  const addressed = (pathParameters: RefusedCall['pathParameters']) => {
    const { keyId, invitationId } = makeRefusedEvent({ ...CALL, pathParameters }, BEGUN);
    return { keyId, invitationId };
  };
  const nothing = { keyId: null, invitationId: undefined };
  expect(addressed(null)).toEqual(nothing);
  expect(addressed({ key: 'kw_live_secret', token: 'pat_short', invitation: 'inv_' })).toEqual(nothing);
  expect(addressed({ token: 'pat_00000000000000000001' }).keyId).toBe('pat_00000000000000000001');
  const invitation = 'inv_00000000000000000001';
  expect(addressed({ invitation })).toEqual({ keyId: null, invitationId: invitation });
});
