import { expect, test } from '@jest/globals';
import { describeAttempt } from '../../console/activity/action-words.ts';
import { describeEvent } from '../../console/activity/event-sentence.ts';
import type { AuditEvent } from '../../console/api/records.ts';
import { MANAGEMENT_ROUTES } from '../../core/management/route.ts';

const REFUSED: AuditEvent = {
  id: 'evt_1',
  at: '2026-11-28T12:00:00Z',
  type: 'call.refused',
  actor: { kind: 'person', credential_id: null, user: 'usr_1' },
  source_address: null,
  workspace: 'acme',
  key_id: 'key_1',
  user_id: null,
  invitation_id: null,
  before: null,
  after: null,
  outcome: 'refused',
  action: 'POST /v1/workspaces/{workspace}/keys/{key}/rotate',
  code: 'forbidden',
};

test('the log says what somebody tried and was refused', () => {
  expect(describeEvent(REFUSED, { user: 'usr_1' })).toBe('You tried to rotate a key, and were refused');
  expect(describeEvent(REFUSED, { user: 'usr_2' })).toBe('usr_1 tried to rotate a key, and was refused');
  expect(describeAttempt('GET /v1/me/tokens')).toBe('call GET /me/tokens');
  expect(describeAttempt('GET /v1/workspaces/{workspace}')).toBe('see the workspace');
  expect(describeAttempt(null)).toBe('make a call');
});

test('every route of a workspace has words of its own', () => {
  const routes = MANAGEMENT_ROUTES.filter(({ path }) => path.startsWith('/v1/workspaces'));
  const words = routes.map(({ method, path }) => describeAttempt(`${method} ${path}`));
  expect(words.filter((word) => word.startsWith('call '))).toEqual([]);
  expect(new Set(words).size).toBe(words.length);
});
