import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Role } from '../../../../core/access/role.ts';
import type { PersonalAccessToken } from '../../../../core/credential/credential.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import { NOW, newEvent, partition } from '../keys/keys.ts';
import { putRole, workspaceOf } from '../workspaces/members.ts';
import { newToken, roleOfToken } from './tokens.ts';

/** Users with roles and tokens. @param getTables where they are, once the tables are made. */
export function tokenUsers(getTables: () => Tables) {
  const newUserId = () => `usr_${randomBytes(6).toString('hex')}`;

  async function join(userId: string, slug: string, role: Role, at: Tables = getTables()): Promise<void> {
    await workspaceOf(at, 'usr_first', slug);
    await putRole(at, { slug, userId, role, copies: ['tokens'] });
  }

  /** A user who is in workspaces, with the roles given. */
  async function newUser(roles: Readonly<Record<string, Role>>): Promise<string> {
    const userId = newUserId();
    for (const [slug, role] of Object.entries(roles)) await join(userId, slug, role);
    return userId;
  }

  async function issued(userId: string, overrides: Partial<PersonalAccessToken> = {}) {
    const one = newToken(userId, overrides);
    expect(await dynamoTokenStore(getTables()).issue(one.asked)).toEqual({ kind: 'issued' });
    return { ...one, locator: one.asked.secret.locator };
  }

  const revocationOf = ({ userId, id }: PersonalAccessToken, now = NOW) => ({
    userId,
    id,
    now,
    event: { ...newEvent('token.revoked', `USER#${userId}`, id), at: now },
  });

  const roleIn = (text: string, workspace: string, at: Tables = getTables()) =>
    roleOfToken(at, text, workspace);

  async function eventsOf({ id, userId }: PersonalAccessToken) {
    const events = await partition(getTables(), getTables().events, `WS#USER#${userId}`);
    return events.filter(({ keyId }) => keyId === id).map(({ type }) => type);
  }

  return { newUserId, join, newUser, issued, revocationOf, roleIn, eventsOf };
}
