import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addressInvitationKey, invitationKey, memberKey } from '../../stores/dynamodb/table/tables.ts';
import {
  type Answer,
  eventsOf,
  manager,
  memoryOf,
  newWorkspace,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

const ROLES = ['owner', 'admin', 'member'] as const;

let product: TestProduct;
let tokens: Record<(typeof ROLES)[number] | 'stranger', string>;
beforeAll(async () => {
  product = await startProduct();
  const { owner, admin, member } = product.users;
  tokens = {
    owner: await signIn(product, owner),
    admin: await signIn(product, admin),
    member: await signIn(product, member),
    stranger: await signIn(product, 'usr_stranger'),
  };
});
afterAll(() => product.stop());

let count = 0;
function newAddress(): string {
  count += 1;
  return `person-${count}@example.com`;
}

function inviter(credential: string, workspace = 'acme') {
  const url = `${product.managementUrl}/v1/workspaces/${workspace}/invitations`;
  return {
    invite: (email: string, role: string) => send(url, { credential, body: { email, role } }),
    list: (query = '') => send(`${url}${query}`, { credential }),
    revoke: (id: string) => send(`${url}/${id}`, { method: 'DELETE', credential }),
  };
}
const operator = (workspace?: string) => inviter(product.managementKey, workspace);

/** Whether somebody who signs in now belongs to a workspace: whether they may list its keys. */
async function entersAs(username: string, workspace = 'acme'): Promise<number> {
  const credential = await signIn(product, username);
  const url = `${product.managementUrl}/v1/workspaces/${workspace}/keys`;
  return (await send(url, { credential })).status;
}

const emailsOf = ({ body }: Answer) => body.invitations.map(({ email }: { email: string }) => email);

describe('an invitation', () => {
  test('makes the person who signs in with its address a member of the role that it names', async () => {
    for (const role of ROLES) {
      const email = newAddress();
      const invited = await operator().invite(email, role);
      expect(invited).toMatchObject({
        status: 201,
        body: { id: expect.stringMatching(/^inv_\w{20}$/), workspace: 'acme', email, role, invited_by: null },
      });
      const days = (Date.parse(invited.body.expires_at) - Date.parse(invited.body.created_at)) / 86_400_000;
      expect(days).toBe(14);
      expect(await entersAs(email)).toBe(200);
      const credential = await signIn(product, email);
      const { status } = await inviter(credential).invite(newAddress(), role);
      expect(status).toBe(role === 'member' ? 403 : 201);
    }
  });

  test('reaches its address in upper and lower case', async () => {
    const email = newAddress();
    const invited = await operator().invite(email.toUpperCase(), 'member');
    expect(invited.body.email).toBe(email);
    expect(await entersAs(`P${email.slice(1)}`)).toBe(200);
  });

  test('reaches no other address', async () => {
    const email = newAddress();
    await operator().invite(email, 'member');
    for (const other of [`x${email}`, `${email}.org`, email.replace('@', '+1@'), 'usr_somebody'])
      expect(await entersAs(other)).toBe(404);
    expect(emailsOf(await operator().list())).toContain(email);
  });

  test('disappears when it is accepted, with one event in the name of the person who accepted it', async () => {
    const email = newAddress();
    const { id } = (await operator().invite(email, 'member')).body;
    await entersAs(email);
    await entersAs(email);
    expect(emailsOf(await operator().list())).not.toContain(email);
    const written = (await eventsOf(product)).filter(({ invitationId }) => invitationId === id);
    const credential = await signIn(product, email);
    const { user } = (await send(`${product.managementUrl}/v1/me`, { credential })).body;
    expect(written).toEqual([
      expect.objectContaining({ type: 'invitation.created' }),
      expect.objectContaining({
        type: 'member.added',
        workspace: 'acme',
        invitationId: id,
        sourceAddress: null,
        actor: { kind: 'person', credentialId: null, user },
      }),
    ]);
    expect((await operator().revoke(id)).status).toBe(404);
  });

  test('to one address is accepted in every workspace that sent one, at once', async () => {
    const email = newAddress();
    const slugs = ['first', 'second', 'third'];
    for (const slug of slugs) {
      await newWorkspace(product, slug);
      await operator(slug).invite(email, 'admin');
    }
    for (const slug of slugs) expect(await entersAs(email, slug)).toBe(200);
  });

  test('does not change the role of an existing member', async () => {
    const email = 'member@acme.example';
    expect((await operator().invite(email, 'owner')).status).toBe(201);
    const credential = await signIn(product, email);
    expect((await send(`${product.managementUrl}/v1/me`, { credential })).body.user).toBe(
      product.users.member,
    );
    expect((await inviter(credential).list()).status).toBe(403);
    expect(emailsOf(await operator().list())).not.toContain(email);
  });

  test('lets nobody in once it is revoked, and the address can be invited again', async () => {
    const email = newAddress();
    const { id } = (await operator().invite(email, 'admin')).body;
    expect(await operator().invite(email.toUpperCase(), 'member')).toMatchObject({
      status: 409,
      body: { code: 'invitation_exists' },
    });
    expect(await operator().revoke(id)).toMatchObject({ status: 200, body: { id, email } });
    expect((await operator().revoke(id)).status).toBe(404);
    expect(await entersAs(email)).toBe(404);
    expect((await operator().invite(email, 'member')).status).toBe(201);
    expect(await entersAs(email)).toBe(200);
  });

  test('lets nobody in once it has expired, and the address can be invited again', async () => {
    const email = newAddress();
    const { id } = (await operator().invite(email, 'admin')).body;
    await expire(id, email);
    expect(await entersAs(email)).toBe(404);
    expect(emailsOf(await operator().list())).not.toContain(email);
    expect((await operator().revoke(id)).status).toBe(404);
    expect((await operator().invite(email, 'member')).status).toBe(201);
    expect(await entersAs(email)).toBe(200);
  });

  test('is accepted only if its inviter may still give away its role', async () => {
    const { client, records } = product.tables;
    const lapsed = newAddress();
    const kept = newAddress();
    const host = newAddress();
    await operator().invite(host, 'owner');
    const credential = await signIn(product, host);
    const { user } = (await send(`${product.managementUrl}/v1/me`, { credential })).body;
    expect((await inviter(credential).invite(lapsed, 'owner')).body.invited_by).toBe(user);
    await inviter(credential).invite(kept, 'admin');
    const demotion = {
      UpdateExpression: 'SET #role = :role, version = version + :one',
      ExpressionAttributeNames: { '#role': 'role' },
      ExpressionAttributeValues: toItem({ ':role': 'admin', ':one': 1 }),
    };
    await client.send(
      new UpdateItemCommand({ TableName: records, Key: toItem(memberKey('acme', user)), ...demotion }),
    );
    expect(await entersAs(lapsed)).toBe(404);
    expect(await entersAs(kept)).toBe(200);
  });
});

async function expire(id: string, email: string): Promise<void> {
  const { client, records } = product.tables;
  const past = Math.floor(Date.now() / 1000) - 1;
  for (const key of [invitationKey('acme', id), addressInvitationKey(email, 'acme')])
    await client.send(
      new UpdateItemCommand({
        TableName: records,
        Key: toItem(key),
        UpdateExpression: 'SET expiresAt = :past',
        ExpressionAttributeValues: toItem({ ':past': past }),
      }),
    );
}

describe('the right to invite', () => {
  const FORBIDDEN = { status: 403, body: { code: 'forbidden' } };

  test.each([
    ['owner', ['owner', 'admin', 'member'], []],
    ['admin', ['admin', 'member'], ['owner']],
    ['member', [], ['owner', 'admin', 'member']],
  ] as const)('an %s invites as %j and not as %j, and takes back the same', async (who, may, mayNot) => {
    const { invite, revoke } = inviter(tokens[who]);
    for (const role of may) {
      const { status, body } = await invite(newAddress(), role);
      expect([status, body.invited_by]).toEqual([201, product.users[who]]);
      expect((await revoke(body.id)).status).toBe(200);
    }
    for (const role of mayNot) {
      expect(await invite(newAddress(), role)).toMatchObject(FORBIDDEN);
      const { id } = (await operator().invite(newAddress(), role)).body;
      expect(await revoke(id)).toMatchObject(FORBIDDEN);
      expect((await operator().revoke(id)).status).toBe(200);
    }
  });

  test('is not a plain member’s, who cannot even see whether an invitation exists', async () => {
    const { list, revoke } = inviter(tokens.member);
    expect(await list()).toMatchObject(FORBIDDEN);
    expect(await revoke('inv_00000000000000000000')).toMatchObject(FORBIDDEN);
  });

  test('is not an administering key’s, which can only list invitations', async () => {
    const { secret } = (await manager(product).issue({ scopes: ['admin'] })).body;
    const { id } = (await operator().invite(newAddress(), 'member')).body;
    const { invite, list, revoke } = inviter(secret);
    expect(await invite(newAddress(), 'member')).toMatchObject(FORBIDDEN);
    expect(await revoke(id)).toMatchObject(FORBIDDEN);
    expect((await list()).body.invitations[0]).toMatchObject({ id });
    const { secret: reader } = (await manager(product).issue()).body;
    expect((await inviter(reader).list()).status).toBe(403);
  });

  test('is not a stranger’s, who gets a 404', async () => {
    const { invite, list, revoke } = inviter(tokens.stranger);
    const { id } = (await operator().invite(newAddress(), 'member')).body;
    for (const answer of [await invite(newAddress(), 'member'), await list(), await revoke(id)])
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

test('invitations are listed newest first, page by page', async () => {
  await newWorkspace(product, 'paged');
  const { invite, list } = operator('paged');
  const emails: string[] = [];
  for (let each = 0; each < 5; each += 1) {
    const email = newAddress();
    await invite(email, 'member');
    emails.unshift(email);
  }
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Answer = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
    expect(page.body.invitations.length).toBeLessThanOrEqual(2);
    seen.push(...emailsOf(page));
    cursor = page.body.next_cursor;
  }
  expect(seen).toEqual(emails);
});

describe('the function that runs at each sign-in', () => {
  const functionId = () =>
    Object.values(product.assembly.functions).find(({ constructPath }) =>
      constructPath.endsWith('/AcceptInvitations'),
    )?.id ?? '';
  const eventOf = (userAttributes: object) => ({
    version: '1',
    triggerSource: 'TokenGeneration_HostedAuth',
    userName: 'usr_1',
    request: { userAttributes, groupConfiguration: {} },
    response: { claimsOverrideDetails: null },
  });

  test.each([
    ['is not verified', { email_verified: 'false' }],
    ['is said to be neither', {}],
    ['is verified in another spelling', { email_verified: 'True' }],
  ])('takes no invitation for an address that %s', async (_, attributes) => {
    const email = newAddress();
    await operator().invite(email, 'owner');
    const before = await memoryOf(product);
    const event = eventOf({ sub: 'usr_unproven', email, ...attributes });
    expect(await product.assembly.invoke(functionId(), event)).toEqual({ kind: 'returned', payload: event });
    expect(await memoryOf(product)).toEqual(before);
    expect(await entersAs('usr_unproven')).toBe(404);
  });

  test.each([
    ['no attributes that it knows', {}],
    ['a text that is no address', { sub: 'usr_1', email: 'nobody', email_verified: 'true' }],
    ['nobody', { email: 'a@example.com', email_verified: 'true' }],
  ])('returns the event as it came for %s', async (_, attributes) => {
    const event = eventOf(attributes);
    expect(await product.assembly.invoke(functionId(), event)).toEqual({ kind: 'returned', payload: event });
  });
});
