import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, AuditEventType } from '../../core/audit/audit-event.ts';
import {
  type Answer,
  eventsOf,
  manager,
  newWorkspace,
  send,
  startProduct,
  type TestProduct,
} from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

/** Does one thing. @returns its answer, and the events that came with it. */
async function withEvents(act: () => Promise<Answer>): Promise<{ answer: Answer; written: AuditEvent[] }> {
  const before = new Set((await eventsOf(product)).map(({ id }) => id));
  const answer = await act();
  return { answer, written: (await eventsOf(product)).filter(({ id }) => !before.has(id)) };
}

async function expectOneEvent(act: () => Promise<Answer>, event: Partial<AuditEvent>): Promise<Answer> {
  const { answer, written } = await withEvents(act);
  expect(answer.status).toBeLessThan(300);
  expect(written).toEqual([
    expect.objectContaining({ workspace: product.workspace, sourceAddress: '127.0.0.1', ...event }),
  ]);
  const [{ id, at } = { id: '', at: 0 }] = written;
  expect(id).toMatch(/^evt_[0-9A-Za-z]{20}$/);
  expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(600);
  return answer;
}

async function operatorId(): Promise<string> {
  const { body } = await send(`${product.managementUrl}/v1/me`, { credential: product.managementKey });
  return body.credential_id;
}

test('every change by the operator writes exactly one event that says what, who, where and to which key', async () => {
  const { issue, update, rotate, revoke } = manager(product);
  const actor = { kind: 'management_key', credentialId: await operatorId(), user: null } as const;
  let keyId = '';
  const issuing = () =>
    issue().then((answer) => {
      keyId = answer.body.key.id;
      return answer;
    });
  await expectOneEvent(issuing, { type: 'key.issued', actor });
  const changes: [AuditEventType, () => Promise<Answer>][] = [
    ['key.updated', () => update(keyId, { name: 'renamed' })],
    ['key.updated', () => update(keyId, { enabled: false })],
    ['key.rotated', () => rotate(keyId, 60)],
    ['key.rotated', () => rotate(keyId, 0)],
    ['key.revoked', () => revoke(keyId)],
  ];
  for (const [type, act] of changes) await expectOneEvent(act, { type, actor, keyId });
  const types = (await eventsOf(product)).filter((event) => event.keyId === keyId).map(({ type }) => type);
  expect(types.sort()).toEqual(['key.issued', ...changes.map(([type]) => type)].sort());
});

test('a change by an API key names that key and the user behind it', async () => {
  const { key, secret } = (await manager(product).issue({ scopes: ['admin'] })).body;
  const actor = { kind: 'api_key', credentialId: key.id, user: product.users.owner } as const;
  const child = await expectOneEvent(() => manager(product, secret).issue(), { type: 'key.issued', actor });
  const keyId = child.body.key.id;
  await expectOneEvent(() => manager(product, secret).revoke(keyId), { type: 'key.revoked', actor, keyId });
  const endSelf = () =>
    send(`${product.managementUrl}/v1/keys/self/revoke`, { method: 'POST', credential: secret });
  await expectOneEvent(endSelf, { type: 'key.revoked', actor, keyId: key.id });
});

test('a new workspace writes its event into its own log', async () => {
  const { written } = await withEvents(async () => {
    const { managementUrl, workspace } = await newWorkspace(product, 'logged');
    return send(`${managementUrl}/v1/workspaces/${workspace}`, { credential: product.managementKey });
  });
  expect(written).toEqual([
    expect.objectContaining({ type: 'workspace.created', workspace: 'logged', keyId: null }),
  ]);
});

test('reads, uses, checks, refusals and a second revocation write no event of a change', async () => {
  const { managementUrl, apiUrl, users } = product;
  const operator = manager(product);
  const { key, secret } = (await operator.issue()).body;
  const ended = (await operator.issue()).body;
  await operator.revoke(ended.key.id);
  const acts: [number, () => Promise<Answer>][] = [
    [200, () => operator.list()],
    [200, () => operator.get(key.id)],
    [200, () => operator.verify({ credential: secret })],
    [200, () => send(`${apiUrl}/users`, { credential: secret })],
    [401, () => send(`${apiUrl}/users`)],
    [403, () => send(`${apiUrl}/team`, { credential: secret })],
    [401, () => send(operator.keys, { body: { name: 'x' } })],
    [403, () => manager(product, secret).issue()],
    [403, () => manager(product, secret).revoke(key.id)],
    [403, () => operator.issue({ created_by: users.member, scopes: ['admin'] })],
    [404, () => operator.issue({ created_by: 'usr_stranger' })],
    [400, () => operator.issue({ scopes: [] })],
    [400, () => operator.update(key.id, {})],
    [404, () => operator.revoke('key_00000000000000000000')],
    [200, () => operator.revoke(ended.key.id)],
    [409, () => operator.update(ended.key.id, { name: 'x' })],
    [409, () => operator.rotate(ended.key.id, 0)],
    [409, () => send(`${managementUrl}/v1/workspaces`, { credential: product.managementKey, body: TAKEN })],
  ];
  for (const [status, act] of acts) {
    const { answer, written } = await withEvents(act);
    expect({ status: answer.status, written }).toEqual({ status, written: [] });
  }
});

const TAKEN = { slug: 'acme', name: 'Acme', created_by: 'usr_somebody' };
