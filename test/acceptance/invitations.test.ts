import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addressInvitationKey, invitationKey, memberKey } from '../../stores/dynamodb/table/tables.ts';
import { type Answer, newWorkspace, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

const ROLES = ['owner', 'admin', 'member'] as const;

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
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

const personOf = async (credential: string) =>
  (await send(`${product.managementUrl}/v1/me`, { credential })).body;

const emailsOf = ({ body }: Answer) => body.invitations.map(({ email }: { email: string }) => email);

describe('an invitation', () => {
  test.each(ROLES)('makes the person who signs in with its address a member: %s', async (role) => {
    const email = newAddress();
    expect(await operator().invite(email, role)).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^inv_\w{20}$/), workspace: 'acme', email, role, invited_by: null },
    });
    const { workspaces } = await personOf(await signIn(product, email));
    expect(workspaces).toEqual([{ slug: 'acme', name: 'Acme', role, member_name: email }]);
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

  test('disappears when it is accepted', async () => {
    const email = newAddress();
    const { id } = (await operator().invite(email, 'member')).body;
    await entersAs(email);
    expect(emailsOf(await operator().list())).not.toContain(email);
    expect((await operator().revoke(id)).status).toBe(404);
  });

  test('to one address is accepted in every workspace that sent one, at once', async () => {
    const email = newAddress();
    const slugs = ['first', 'second'];
    for (const slug of slugs) {
      await newWorkspace(product, slug);
      await operator(slug).invite(email, 'admin');
    }
    const { workspaces } = await personOf(await signIn(product, email));
    expect(workspaces.map(({ slug }: { slug: string }) => slug)).toEqual(slugs);
  });

  test('does not change the role of an existing member', async () => {
    const email = 'member@acme.example';
    expect((await operator().invite(email, 'owner')).status).toBe(201);
    const credential = await signIn(product, email);
    expect(await personOf(credential)).toMatchObject({
      user: product.users.member,
      workspaces: [{ slug: 'acme', role: 'member' }],
    });
    expect(emailsOf(await operator().list())).not.toContain(email);
  });

  test('lets nobody in once it is revoked or has expired', async () => {
    const [revoked, expired] = [newAddress(), newAddress()];
    const { id } = (await operator().invite(revoked, 'admin')).body;
    expect((await operator().revoke(id)).status).toBe(200);
    await expire((await operator().invite(expired, 'admin')).body.id, expired);
    for (const email of [revoked, expired]) expect(await entersAs(email)).toBe(404);
    const open = emailsOf(await operator().list());
    for (const email of [revoked, expired]) expect(open).not.toContain(email);
  });

  test('is accepted only if its inviter may still give away its role', async () => {
    const { client, records } = product.tables;
    const lapsed = newAddress();
    const kept = newAddress();
    const host = newAddress();
    await operator().invite(host, 'owner');
    const credential = await signIn(product, host);
    const { user } = await personOf(credential);
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
    const event = eventOf({ sub: 'usr_unproven', email, ...attributes });
    expect(await product.assembly.invoke(functionId(), event)).toEqual({ kind: 'returned', payload: event });
    expect(await entersAs('usr_unproven')).toBe(404);
  });
});
