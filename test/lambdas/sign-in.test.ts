import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PreTokenGenerationTriggerEvent } from 'aws-lambda';
import { Unavailable, Unfinished } from '../../core/errors/fault.ts';
import type { Invitation } from '../../core/management/invitation-store.ts';
import type { FormerMembership, MemberChange, PutMemberOutcome } from '../../core/management/member-store.ts';
import type { Member } from '../../core/management/workspace-store.ts';
import { acceptInvitations, createSignInHandler, type VerifiedPerson } from '../../lambdas/sign-in.ts';
import { millisecondsLeft } from '../../lambdas/time-limit.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { capturedLog } from './captured-log.ts';

const lines = capturedLog();
const CONTEXT = { awsRequestId: 'request-1' };

const signInOf = (userAttributes: object) =>
  ({
    version: '1',
    triggerSource: 'TokenGeneration_HostedAuth',
    userName: 'user-1',
    request: { userAttributes },
    response: { claimsOverrideDetails: null },
  }) as unknown as PreTokenGenerationTriggerEvent;

/** A handler, and the people whose invitations it wanted to accept. */
function signIn(accept: () => Promise<void> = async () => {}) {
  const accepted: VerifiedPerson[] = [];
  const handler = createSignInHandler((person) => {
    accepted.push(person);
    return accept();
  });
  return { handler, accepted };
}

test('a person with a verified address accepts invitations, within the time that Cognito waits', async () => {
  let left = Number.POSITIVE_INFINITY;
  const { handler, accepted } = signIn(async () => {
    left = millisecondsLeft();
  });
  const event = signInOf({ sub: 'user-1', email: 'Ada@Example.com', email_verified: 'true' });
  expect(await handler(event, CONTEXT)).toBe(event);
  expect(accepted).toEqual([{ userId: 'user-1', email: 'ada@example.com' }]);
  expect(left).toBeLessThan(5_000);
  expect(lines).toEqual([]);
});

test('a person signs in although the store is down, and the fault is logged without their address', async () => {
  const { handler } = signIn(async () => {
    throw new Unavailable('The store is down.');
  });
  const event = signInOf({ sub: 'user-1', email: 'ada@example.com', email_verified: 'true' });
  expect(await handler(event, CONTEXT)).toBe(event);
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      message: 'fault',
      kind: 'passing',
      request_id: 'request-1',
      SignInFault: 1,
    }),
  ]);
  expect(lines.join()).not.toContain('ada');
});

test.each([
  ['is not verified', 'unverified_address', { email: 'ada@example.com', email_verified: 'false' }],
  ['is said to be neither', 'unverified_address', { email: 'ada@example.com' }],
  [
    'is verified in another spelling',
    'unverified_address',
    { email: 'ada@example.com', email_verified: 'True' },
  ],
  ['is no address', 'unusable_address', { email: 'ada', email_verified: 'true' }],
  ['is not there', 'unusable_address', { email_verified: 'true' }],
])(
  'a person whose address %s accepts no invitation, and one line says so without the address',
  async (_, reason, attributes) => {
    const { handler, accepted } = signIn();
    const event = signInOf({ sub: 'user-1', ...attributes });
    expect(await handler(event, CONTEXT)).toBe(event);
    expect(accepted).toEqual([]);
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'WARN',
        message: 'invitations not looked for',
        reason,
        user: 'user-1',
      }),
    ]);
    expect(lines.join()).not.toContain('ada');
  },
);

test('an event that names nobody is returned as it came', async () => {
  const { handler, accepted } = signIn();
  for (const attributes of [{}, { email: 'ada@example.com', email_verified: 'true' }]) {
    const event = signInOf(attributes);
    expect(await handler(event, CONTEXT)).toBe(event);
  }
  expect(accepted).toEqual([]);
});

const { profile } = loadProfile('standard');
const NOW = 1_800_000_000;
const ADA = { userId: 'usr_ada', email: 'ada@example.com' };

const invitationTo = (workspace: string, over: Partial<Invitation> = {}): Invitation => ({
  id: `inv_${workspace}`,
  workspace,
  email: ADA.email,
  role: 'member',
  invitedBy: 'usr_owner',
  createdAt: NOW - 100,
  expiresAt: NOW + 100,
  ...over,
});
const memberOf = (workspace: string, userId: string, role: Member['role']): Member => ({
  workspace,
  userId,
  role,
  createdAt: NOW - 1_000,
  version: 7,
});

/** The stores in memory, and what was done to them, in order. */
let invitations: Invitation[];
let members: Member[];
let former: FormerMembership;
let outcomes: (PutMemberOutcome['kind'] | Error)[];
let puts: MemberChange[];
let steps: string[];
beforeEach(() => {
  invitations = [invitationTo('acme')];
  members = [memberOf('acme', 'usr_owner', 'owner')];
  former = { removedAt: null, version: 0 };
  outcomes = [];
  puts = [];
  steps = [];
});

function accept(person = ADA): Promise<void> {
  const options = {
    invitations: {
      listOpen: async (email: string) => invitations.filter((each) => each.email === email),
      claim: async ({ id }: Invitation) => {
        steps.push(`claim ${id}`);
        return { kind: 'claimed', eventId: 'evt_first' } as const;
      },
      remove: async ({ id }: Invitation) => void steps.push(`remove ${id}`),
      close: async ({ id }: Invitation) => void steps.push(`close ${id}`),
    },
    workspaces: {
      getMember: async (workspace: string, userId: string) =>
        members.find((each) => each.workspace === workspace && each.userId === userId),
    },
    members: {
      getFormerMembership: async () => former,
      put: async (change: MemberChange): Promise<PutMemberOutcome> => {
        puts.push(change);
        const outcome = outcomes.shift() ?? 'added';
        if (outcome instanceof Error) throw outcome;
        const { workspace, userId } = change;
        return { kind: outcome, member: memberOf(workspace, userId, 'member') } as PutMemberOutcome;
      },
    },
    profile,
    newId: () => 'evt_new',
    now: () => NOW,
  };
  return acceptInvitations(options, person);
}

test('a person becomes a member wherever their address was invited, decided on the inviter as they are now', async () => {
  await accept();
  expect(steps).toEqual(['claim inv_acme', 'remove inv_acme']);
  expect(puts).toEqual([
    expect.objectContaining({
      workspace: 'acme',
      userId: 'usr_ada',
      role: 'member',
      name: 'ada@example.com',
      decidedOn: null,
      formerVersion: 0,
      caller: { userId: 'usr_owner', version: 7 },
      event: expect.objectContaining({
        id: 'evt_first',
        type: 'member.added',
        invitationId: 'inv_acme',
        before: { role: null, name: null },
        after: { role: 'member', name: 'ada@example.com' },
      }),
    }),
  ]);
});

test('an address that is too long for a name gives none', async () => {
  const email = `${'a'.repeat(60)}@${'b'.repeat(40)}.example`;
  invitations = [invitationTo('acme', { email })];
  await accept({ userId: 'usr_ada', email });
  expect(puts).toMatchObject([{ name: null, event: { before: { role: null }, after: { role: 'member' } } }]);
  expect(puts).not.toHaveProperty('0.event.after.name');
});

describe('nobody becomes a member', () => {
  test.each<[string, { readonly members?: Member[]; readonly invitations?: Invitation[] }]>([
    ['whose inviter is no longer a member', { members: [] }],
    ['whose inviter may no longer invite', { members: [memberOf('acme', 'usr_owner', 'member')] }],
    ['who was invited at another address', { invitations: [] }],
  ])('%s, and the invitation stays', async (_, stored) => {
    members = stored.members ?? members;
    invitations = stored.invitations ?? invitations;
    await accept();
    expect(puts).toEqual([]);
    expect(steps).toEqual([]);
  });

  test('who was removed after the invitation, which ends by it', async () => {
    former = { removedAt: NOW - 50, version: 3 };
    await accept();
    expect(puts).toEqual([]);
    expect(steps).toEqual(['claim inv_acme', 'close inv_acme']);
  });
});

test('a member keeps the role that they have, and the invitation ends', async () => {
  members.push(memberOf('acme', 'usr_ada', 'admin'));
  await accept();
  expect(puts).toEqual([]);
  expect(steps).toEqual(['claim inv_acme', 'close inv_acme']);
});

test('an invitation of a management key needs no inviter', async () => {
  invitations = [invitationTo('acme', { invitedBy: null })];
  await accept();
  expect(puts).toMatchObject([{ caller: null }]);
});

test('a change in between is decided again, three times at most', async () => {
  outcomes = ['conflict', 'added'];
  await accept();
  expect(puts).toHaveLength(2);
  expect(steps.at(-1)).toBe('remove inv_acme');
  outcomes = Array(9).fill('conflict');
  await accept();
  expect(puts).toHaveLength(5);
});

test('every invitation is tried before a fault is thrown, and an unfinished change is no fault', async () => {
  invitations = ['acme', 'beta', 'gamma'].map((workspace) => invitationTo(workspace, { invitedBy: null }));
  outcomes = [new Unavailable('The store is down.'), new Unfinished({ done: 1, left: 2 }), 'added'];
  const failure = await accept().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AggregateError);
  expect((failure as AggregateError).errors).toEqual([new Unavailable('The store is down.')]);
  expect(puts.map(({ workspace }) => workspace)).toEqual(['acme', 'beta', 'gamma']);
  outcomes = [new Unfinished({ done: 1, left: 2 })];
  await expect(accept()).resolves.toBeUndefined();
});
