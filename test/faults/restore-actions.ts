import { ROLES } from '../../core/access/role.ts';
import type { ApiKey, KeyFields } from '../../core/credential/credential.ts';
import { INVITATION_SECONDS } from '../../core/management/invitation-store.ts';
import { roleOf } from '../../core/management/workspace-store.ts';
import { acceptInvitations } from '../../lambdas/sign-in.ts';
import { readRecord } from '../../stores/dynamodb/keys/key-read.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/keys/key-store.ts';
import { issueManagementKey, revokeManagementKey } from '../../stores/dynamodb/keys/management-key-store.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import {
  dynamoAcceptanceStore,
  dynamoInvitationStore,
} from '../../stores/dynamodb/workspaces/invitation-store.ts';
import {
  anUpdate,
  aPreviousRevocation,
  aRevocation,
  aRotation,
  FIELDS,
  newKey,
  newSecret,
} from '../stores/dynamodb/keys/keys.ts';
import { newToken } from '../stores/dynamodb/tokens/tokens.ts';
import { emailOf, PLANS, PROFILE, type RestoreWorld, USERS, WORKSPACES } from './restore-world.ts';

const NETWORKS = ['10.0.0.0/8', '192.0.2.0/24'];

type Action = (world: RestoreWorld) => Promise<void>;

/** Lets some time pass, and somebody do something, in a process of theirs. What the stores refuse has not happened. */
export async function act(world: RestoreWorld, tables: OperatorTables): Promise<void> {
  world.tables = tables;
  world.now += world.below(world.below(4) === 0 ? 20_000 : 90);
  await world.from(ACTIONS)(world);
}

async function issueKey(world: RestoreWorld): Promise<void> {
  const [slug, userId] = [world.from(WORKSPACES), world.from(USERS)];
  const [workspace, member] = [await world.workspaces().get(slug), await world.member(slug, userId)];
  if (workspace === undefined || member === undefined) return;
  const limit = PLANS[workspace.plan ?? ''] ?? null;
  const { text, key } = newKey({
    workspace: slug,
    createdAt: world.now,
    fields: { ...FIELDS, ...drawFields(world) },
    creator: { userId, version: member.version },
    role: world.keysHaveRoles ? roleOf(member) : null,
    effectiveRateLimit: limit,
    planVersion: workspace.version,
    maxActiveKeys: 20,
  });
  const event = world.event('key.issued', slug, { keyId: key.id });
  const outcome = await dynamoKeyStore(world.finisher()).issue({ ...key, event });
  if (outcome.kind !== 'issued') return;
  world.made.keys.push({ workspace: slug, id: key.id, createdBy: userId, texts: [text] });
}

async function updateKey(world: RestoreWorld): Promise<void> {
  const key = await drawKey(world);
  if (key === undefined || key.revokedAt !== null) return;
  const workspace = await world.workspaces().get(key.workspace);
  const fields = world.below(3) === 0 ? { enabled: !key.enabled } : drawFields(world);
  const { rateLimit = key.rateLimit } = fields;
  await dynamoKeyStore(world.finisher()).update({
    ...anUpdate(key, fields),
    now: world.now,
    event: world.event('key.updated', key.workspace, { keyId: key.id }),
    effectiveRateLimit: rateLimit ?? PLANS[workspace?.plan ?? ''] ?? null,
  });
}

async function rotateKey(world: RestoreWorld): Promise<void> {
  const key = await drawKey(world);
  if (key === undefined || key.revokedAt !== null) return;
  const { text, rotation } = aRotation(key, world.from([0, 60, 40_000]), world.now);
  // Known before it is tried: a process that dies may have made it work.
  world.made.keys.find(({ id }) => id === key.id)?.texts.push(text);
  const shown = { before: { start: key.start }, after: { start: rotation.secret.start } };
  const event = { ...world.event('key.rotated', key.workspace, { keyId: key.id }), ...shown };
  await dynamoKeyStore(world.finisher()).rotate({ ...rotation, event });
}

async function revokePreviousSecret(world: RestoreWorld): Promise<void> {
  const key = await drawKey(world);
  if (key === undefined || key.revokedAt !== null) return;
  const event = world.event('key.previous_secret_revoked', key.workspace, { keyId: key.id });
  const asked = { ...aPreviousRevocation(key, world.now), event };
  await dynamoKeyStore(world.finisher()).revokePreviousSecret(asked);
}

async function revokeKey(world: RestoreWorld): Promise<void> {
  const key = await drawKey(world);
  if (key === undefined) return;
  const event = world.event('key.revoked', key.workspace, { keyId: key.id });
  await dynamoKeyStore(world.finisher()).revoke({ ...aRevocation(key, world.now), event });
}

async function issueToken(world: RestoreWorld): Promise<void> {
  const userId = world.from(USERS);
  const { text, asked } = newToken(userId, { createdAt: world.now });
  const event = world.event('token.issued', `USER#${userId}`, { keyId: asked.token.id });
  const outcome = await dynamoTokenStore(world.tables).issue({ ...asked, event });
  if (outcome.kind === 'issued') world.made.tokens.push({ userId, id: asked.token.id, text });
}

async function revokeToken(world: RestoreWorld): Promise<void> {
  const token = world.from(world.made.tokens);
  if (token === undefined) return;
  const event = world.event('token.revoked', `USER#${token.userId}`, { keyId: token.id });
  // Cut off between its two steps it has not been told of, and answers 503: whoever asked asks again.
  await dynamoTokenStore(world.steady).revoke({ ...token, now: world.now, event });
}

async function issueOperatorKey(world: RestoreWorld): Promise<void> {
  const { text, secret } = newSecret();
  const id = world.id('key');
  const key = { id, name: 'operator', start: secret.start, createdAt: world.now, revokedAt: null };
  const event = world.event('management_key.issued', 'OPERATOR', { keyId: id });
  await issueManagementKey(world.tables, key, secret, event);
  world.made.managementKeys.push({ id, text });
}

async function revokeOperatorKey(world: RestoreWorld): Promise<void> {
  const key = world.from(world.made.managementKeys);
  if (key === undefined) return;
  const event = world.event('management_key.revoked', 'OPERATOR', { keyId: key.id });
  await revokeManagementKey(world.steady, key.id, event);
}

async function changeMember(world: RestoreWorld): Promise<void> {
  const [workspace, userId, role] = [
    world.from(WORKSPACES),
    world.from(USERS),
    world.from([...ROLES, 'none'] as const),
  ];
  const member = await world.member(workspace, userId);
  const type = role === 'none' ? 'member.removed' : member ? 'member.role_changed' : 'member.added';
  const told = { userId, after: { role: role === 'none' ? null : role } };
  const event = world.event(type, workspace, told);
  const change = {
    workspace,
    userId,
    decidedOn: member ?? null,
    caller: null,
    now: world.now,
    event,
    changeId: world.id('chg'),
  };
  if (role === 'none')
    await world
      .members()
      .remove({ ...change, keys: world.keysHaveRoles ? 'revoke' : world.from(['revoke', 'keep']) });
  else await world.members().put({ ...change, role });
}

async function invite(world: RestoreWorld): Promise<void> {
  const [workspace, userId] = [world.from(WORKSPACES), world.from(USERS)];
  const inviter = world.below(2) ? null : world.from(USERS);
  const id = world.id('inv');
  const invitation = {
    id,
    workspace,
    email: emailOf(userId),
    role: world.from(ROLES),
    invitedBy: inviter,
    createdAt: world.now,
    expiresAt: world.now + world.from([INVITATION_SECONDS, 3_000]),
  };
  const event = world.event('invitation.created', workspace, { invitationId: id });
  await dynamoInvitationStore(world.tables).create({ invitation, caller: null, event });
  world.made.invitations.push({ workspace, id });
}

async function revokeInvitation(world: RestoreWorld): Promise<void> {
  const address = world.from(world.made.invitations);
  const store = dynamoInvitationStore(world.tables);
  const invitation = address && (await store.get(address, world.now));
  if (invitation === undefined) return;
  const told = { invitationId: invitation.id };
  await store.revoke(invitation, world.event('invitation.revoked', invitation.workspace, told));
}

async function signIn(world: RestoreWorld): Promise<void> {
  const userId = world.from(USERS);
  const options = {
    invitations: dynamoAcceptanceStore(world.tables),
    workspaces: world.workspaces(),
    members: world.members(),
    profile: PROFILE,
    newId: world.id,
    now: () => world.now,
  };
  await acceptInvitations(options, { userId, email: emailOf(userId) });
}

async function changePlan(world: RestoreWorld): Promise<void> {
  const slug = world.from(WORKSPACES);
  const workspace = await world.workspaces().get(slug);
  const plan = world.from(Object.keys(PLANS));
  if (workspace === undefined || workspace.plan === plan) return;
  const event = world.event('workspace.updated', slug, { after: { plan } });
  await world.workspaces().update({
    workspace,
    name: workspace.name,
    plan,
    planLimit: PLANS[plan] ?? null,
    changeId: world.id('chg'),
    caller: null,
    now: world.now,
    event,
  });
}

async function drawKey(world: RestoreWorld): Promise<ApiKey | undefined> {
  const key = world.from(world.made.keys);
  const record = key && (await readRecord(world.steady, key));
  // What an abandoned rotation holds up goes on when its lease is over.
  if (record?.pendingChange?.kind === 'rotate') world.now += 60;
  if (key === undefined) return undefined;
  const settled = await dynamoKeyStore(world.finisher()).finishPendingChange(key);
  return settled.kind === 'settled' ? settled.key : undefined;
}

function drawFields(world: RestoreWorld): Partial<KeyFields> {
  return world.from<Partial<KeyFields>>([
    { scopes: world.from([['read'], ['write'], ['read', 'write']] as const) },
    { scopes: 'all' },
    { expiresAt: world.from([null, world.now + 400, world.now + 90_000]) },
    { allowedCidrs: world.from([[], NETWORKS, NETWORKS.slice(1)]) },
    { rateLimit: world.from([null, { limit: 10, windowSeconds: 60 }]) },
  ]);
}

/** In the measure in which they are drawn. */
const ACTIONS = [
  ...Array<Action>(5).fill(issueKey),
  ...Array<Action>(6).fill(updateKey),
  ...Array<Action>(5).fill(changeMember),
  ...[rotateKey, rotateKey, revokePreviousSecret, revokeKey, issueToken, issueToken, revokeToken],
  ...[issueOperatorKey, revokeOperatorKey],
  ...[invite, invite, revokeInvitation, signIn, signIn, changePlan],
];
