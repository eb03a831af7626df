import { expect, test } from '@jest/globals';
import { isIdentifier } from '../../core/identifier.ts';
import type { Principal } from '../../core/principal.ts';
import { type RefusedCall, refusedEvent } from '../../core/refused-call.ts';

const MINUTE_MS = 60_000;
const NOW = 1_800_000_000_000;

const CALL: RefusedCall = {
  caller: { kind: 'signed_in', user: 'usr_1' },
  log: 'acme',
  route: { method: 'POST', resource: '/v1/workspaces/{workspace}/keys/{key}/revoke' },
  pathParameters: { workspace: 'acme', key: 'key_00000000000000000001' },
  sourceAddress: '203.0.113.7',
  code: 'forbidden',
};

const API_KEY: Principal = {
  ...{ kind: 'api_key', credentialId: 'key_1', workspace: 'acme', user: 'usr_1', role: null, scopes: 'all' },
  constraints: { expiresAt: null, allowedCidrs: [] },
};

test('a refused call says who tried what on which credential, from where, and what they were answered', () => {
  const { id, ...event } = refusedEvent(CALL, NOW + 999);
  expect(isIdentifier('evt', id)).toBe(true);
  expect(event).toEqual({
    ...{ at: NOW / 1000, type: 'call.refused', outcome: 'refused', workspace: 'acme' },
    actor: { kind: 'person', credentialId: null, user: 'usr_1' },
    ...{ sourceAddress: '203.0.113.7', keyId: 'key_00000000000000000001', code: 'forbidden' },
    action: 'POST /v1/workspaces/{workspace}/keys/{key}/revoke',
  });
});

test('the same refusal in the same minute is the same event, whatever else was sent', () => {
  const { id } = refusedEvent(CALL, NOW);
  const again = {
    ...CALL,
    sourceAddress: '203.0.113.8',
    pathParameters: { key: 'key_00000000000000000002' },
  };
  expect(refusedEvent(again, NOW + MINUTE_MS - 1).id).toBe(id);
});

test('another caller, route, code, log or minute is another event', () => {
  const others: [RefusedCall, number][] = [
    [{ ...CALL, caller: { kind: 'signed_in', user: 'usr_2' } }, NOW],
    [{ ...CALL, caller: API_KEY }, NOW],
    [{ ...CALL, caller: { ...API_KEY, credentialId: 'key_2' } }, NOW],
    [{ ...CALL, route: { ...CALL.route, method: 'GET' } }, NOW],
    [{ ...CALL, route: { ...CALL.route, resource: '/v1/me' } }, NOW],
    [{ ...CALL, code: 'not_found' }, NOW],
    [{ ...CALL, log: 'other' }, NOW],
    [CALL, NOW + MINUTE_MS],
    [CALL, NOW - 1],
  ];
  const ids = [CALL, ...others.map(([call]) => call)].map((call, index) =>
    refusedEvent(call, others[index - 1]?.[1] ?? NOW),
  );
  expect(new Set(ids.map(({ id }) => id)).size).toBe(others.length + 1);
});

test('what was addressed is named only where it could be an id: anything else may be a secret', () => {
  const addressed = (pathParameters: RefusedCall['pathParameters']) => {
    const { keyId, invitationId } = refusedEvent({ ...CALL, pathParameters }, NOW);
    return { keyId, invitationId };
  };
  const nothing = { keyId: null, invitationId: undefined };
  expect(addressed(null)).toEqual(nothing);
  expect(addressed({ key: 'kw_live_secret', token: 'pat_short', invitation: 'inv_' })).toEqual(nothing);
  expect(addressed({ token: 'pat_00000000000000000001' }).keyId).toBe('pat_00000000000000000001');
  const invitation = 'inv_00000000000000000001';
  expect(addressed({ invitation })).toEqual({ keyId: null, invitationId: invitation });
});

test('its id sorts by time among those of changes, within a minute', () => {
  const ids = [0, 1, 2, 60].map((minutes) => refusedEvent(CALL, NOW + minutes * MINUTE_MS).id);
  expect([...ids].sort()).toEqual(ids);
});
