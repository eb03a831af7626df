import { randomBytes } from 'node:crypto';
import type { PersonalAccessToken } from '../../../../core/credential/credential.ts';
import type { TokenType } from '../../../../core/credential/credential-type.ts';
import { generateKey, startOf } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import type { NewToken } from '../../../../core/management/token-store.ts';
import { verify } from '../../../../core/verification/verify.ts';
import { dynamoVerificationStore } from '../../../../stores/dynamodb/secrets/verification-store.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { dynamoTokenSource } from '../../../../stores/dynamodb/tokens/token-source.ts';
import { CLAIM, NOW, newEvent, newId } from '../keys/keys.ts';

export const TYPE: TokenType = {
  kind: 'personal_access_token',
  storedAs: 'sha256',
  format: { prefix: 'pat_test_', randomLength: 30, hasChecksum: true },
  bounds: { catalogue: undefined, roleScopes: undefined },
};

export function newToken(userId: string, overrides: Partial<PersonalAccessToken> = {}) {
  const text = generateKey(TYPE.format, randomBytes);
  const token: PersonalAccessToken = {
    id: newId('pat'),
    userId,
    name: 'ci',
    start: startOf(TYPE.format, text),
    scopes: ['read'],
    ceiling: 'owner',
    workspaces: null,
    createdAt: NOW,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...overrides,
  };
  const event = newEvent('token.issued', `USER#${userId}`, token.id);
  const asked: NewToken = {
    token,
    secret: { locator: digestOf(text), start: token.start, secretHash: null },
    event,
  };
  return { text, token, asked };
}

/** The role with which a token acts in a workspace, or the code of the refusal. */
export async function roleOfToken(tables: Tables, text: string, workspace: string): Promise<string> {
  const verification = {
    credentials: [TYPE],
    store: dynamoVerificationStore(tables),
    tokens: dynamoTokenSource(tables),
    tracking: 'stamp',
  } as const;
  const verdict = await verify(verification, text, { ...CLAIM, workspace });
  return verdict.kind === 'allow' ? String(verdict.principal.role) : verdict.code;
}
