import { ROLES, type Role } from '../../core/access/role.ts';
import type { MemberStore } from '../../core/management/member-store.ts';
import { roleOf } from '../../core/management/workspace-store.ts';
import { acceptInvitations } from '../../lambdas/sign-in.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoAcceptanceStore } from '../../stores/dynamodb/workspaces/invitation-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { powerOf } from '../stores/dynamodb/keys/agreement.ts';
import { roleOfToken } from '../stores/dynamodb/tokens/tokens.ts';
import { emailOf, PROFILE, type RestoreWorld, USERS, WORKSPACES } from './restore-world.ts';

/** What everybody and everything may do at a moment, by a name that says whose power it is. */
export type Powers = ReadonlyMap<string, Power>;

type Power =
  | { readonly kind: 'secret'; readonly secret: SecretPower | undefined }
  | { readonly kind: 'role'; readonly role: Role | 'none' };

type SecretPower = NonNullable<Awaited<ReturnType<typeof powerOf>>>;

/** Every secret that was ever made; every person in each workspace, as they are and as they would be after signing in. */
export async function readPowers(tables: OperatorTables, world: RestoreWorld): Promise<Powers> {
  const { keys, tokens, managementKeys } = world.made;
  const secrets = [
    ...keys.flatMap(({ id, texts }) => texts.map((text, index) => ({ name: `${id} ${index}`, text }))),
  ];
  const operators = { ...tables, secrets: tables.managementKeys };
  const memberships = tokens.flatMap(({ id, text }) => WORKSPACES.map((slug) => ({ id, text, slug })));
  const read = await Promise.all([
    ...secrets.map(async ({ name, text }) => [name, secretOf(await powerOf(tables, text))] as const),
    ...managementKeys.map(async ({ id, text }) => [id, secretOf(await powerOf(operators, text))] as const),
    ...memberships.map(async ({ id, text, slug }) => {
      return [`${id} in ${slug}`, roleNamed(await roleOfToken(tables, text, slug))] as const;
    }),
  ]);
  const people = await Promise.all(USERS.map((userId) => powersOfPerson(tables, userId, world)));
  return new Map([...read, ...people.flat()]);
}

const secretOf = (secret: SecretPower | undefined): Power => ({ kind: 'secret', secret });

const roleNamed = (name: string | undefined): Power => ({
  kind: 'role',
  role: ROLES.find((role) => role === name) ?? 'none',
});

/** As they are, and as they would be after signing in, which writes nothing down here but what it would make of them. */
async function powersOfPerson(
  tables: OperatorTables,
  userId: string,
  { now, copies }: RestoreWorld,
): Promise<(readonly [string, Power])[]> {
  const finisher = { tables, now: () => now, newId: () => 'evt_unused' };
  const workspaces = dynamoWorkspaceStore(finisher, copies);
  const { getFormerMembership } = dynamoMemberStore(finisher, copies);
  const joined = new Map<string, Role>();
  const invitations = {
    ...dynamoAcceptanceStore(tables),
    claim: async () => ({ kind: 'claimed', eventId: 'evt_unused' }) as const,
    remove: async () => {},
    close: async () => {},
  };
  const put: MemberStore['put'] = async ({ workspace, role }) => {
    joined.set(workspace, role);
    return { kind: 'conflict' };
  };
  const members = { put, getFormerMembership };
  const options = {
    workspaces,
    invitations,
    members,
    profile: PROFILE,
    newId: finisher.newId,
    now: () => now,
  };
  await acceptInvitations(options, { userId, email: emailOf(userId) });
  const read = WORKSPACES.map(async (slug): Promise<(readonly [string, Power])[]> => {
    const member = await workspaces.getMember(slug, userId);
    return [
      [`${userId} in ${slug}`, roleNamed(member && roleOf(member))],
      [`${userId} invited to ${slug}`, roleNamed(joined.get(slug))],
    ];
  });
  return (await Promise.all(read)).flat();
}

/** @returns a sentence for everything that may do more than before; empty when nothing does. */
export function revived(before: Powers, after: Powers, now: number): string[] {
  return [...after].flatMap(([name, power]) => {
    const was = before.get(name);
    const isLess =
      power.kind === 'role'
        ? was?.kind === 'role' && isRoleWithin(power.role, was.role)
        : was?.kind === 'secret' && isWithin(power.secret, was.secret, now);
    return isLess ? [] : [`${name} was ${JSON.stringify(was)} and is ${JSON.stringify(power)}.`];
  });
}

function isRoleWithin(role: Role | 'none', bound: Role | 'none'): boolean {
  const rank = (of: Role | 'none') => (of === 'none' ? ROLES.length : ROLES.indexOf(of));
  return rank(role) >= rank(bound);
}

/**
 * Also while it is disabled, so that enabling it would give nothing back either; but for a secret that an earlier restore has
 * lost, of which the log holds no trace.
 */
function isWithin(after: SecretPower | undefined, before: SecretPower | undefined, now: number): boolean {
  const own = living(after, now);
  if (own === undefined) return true;
  if (before === undefined) return own.state === 'disabled';
  const bound = living(before, now);
  if (bound === undefined) return false;
  const isScopeWithin = (scope: string) => bound.scopes === 'all' || bound.scopes.includes(scope);
  return (
    (own.state === 'disabled' || bound.state === 'active') &&
    (own.scopes === 'all' ? bound.scopes === 'all' : own.scopes.every(isScopeWithin)) &&
    (own.expiresAt ?? Infinity) <= (bound.expiresAt ?? Infinity) &&
    (own.rateLimit?.limit ?? Infinity) <= (bound.rateLimit?.limit ?? Infinity) &&
    (bound.allowedCidrs.length === 0 ||
      (own.allowedCidrs.length > 0 && own.allowedCidrs.every((one) => bound.allowedCidrs.includes(one)))) &&
    isRoleWithin(own.role ?? 'owner', bound.role ?? 'owner')
  );
}

/** @returns `undefined` for a secret that can never work again. */
function living(secret: SecretPower | undefined, now: number): SecretPower | undefined {
  const isOver = secret?.state === 'revoked' || (secret?.expiresAt ?? Infinity) <= now;
  return isOver ? undefined : secret;
}
