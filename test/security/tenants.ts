import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { secretKey } from '../../stores/dynamodb/secrets/secret-key.ts';
import { type Answer, send, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

/** One workspace, with one of everything that a path can name. */
export interface Tenant {
  readonly workspace: string;
  readonly owner: string;
  /** What the paths' placeholders stand for. */
  readonly ids: Readonly<Record<'workspace' | 'key' | 'user_id' | 'invitation' | 'token', string>>;
}

export interface Issued {
  readonly id: string;
  readonly secret: string;
}

/** What the operator of a product does to set up its tenants, whatever the profile asks for. */
export function operatorOf({ profile, managementUrl, managementKey, tables }: TestProduct) {
  const { scopes, issuing, roleScopes, inheritsRole } = profile;
  const required = scopes && requirementFor(profile, ADMINISTER);
  const administering = typeof required === 'object' ? required.requiredScope : undefined;
  const reading = scopes?.definitions[0]?.name;

  const ask = async (request: string, body?: object): Promise<Answer['body']> => {
    const [method = '', path = ''] = request.split(' ');
    const sent = { method, credential: managementKey, ...(body && { body }) };
    const answer = await send(`${managementUrl}/v1${path}`, sent);
    if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  const issueKey = async (
    { workspace, owner }: Pick<Tenant, 'workspace' | 'owner'>,
    scope: 'administering' | 'reading',
    fields: object = {},
  ): Promise<Issued> => {
    const name = scope === 'administering' ? (administering ?? reading) : reading;
    const { key, secret } = await ask(`POST /workspaces/${workspace}/keys`, {
      ...(issuing.requiresName && { name: 'x' }),
      ...(name !== undefined && { scopes: [name] }),
      ...((roleScopes || inheritsRole) && { created_by: owner }),
      ...fields,
    });
    return { id: key.id, secret };
  };

  const issueToken = async (user: string): Promise<Issued> => {
    const body = { name: 'x', ...(reading !== undefined && { scopes: [reading] }) };
    const { token, secret } = await ask(`POST /users/${user}/tokens`, body);
    return { id: token.id, secret };
  };

  return {
    ask,
    issueKey,
    issueToken,
    /** Whether keys can hold a scope that lets them administer. */
    canKeysAdminister: administering !== undefined,

    async tenant(workspace: string, owner: string, member: string): Promise<Tenant> {
      const email = `invited@${workspace}.example`;
      const [key, invitation, token] = [
        await issueKey({ workspace, owner }, 'reading'),
        await ask(`POST /workspaces/${workspace}/invitations`, { email, role: 'member' }),
        profile.personalAccessTokens === undefined ? NONE : await issueToken(member),
      ];
      const ids = { workspace, key: key.id, user_id: member, invitation: invitation.id, token: token.id };
      return { workspace, owner, ids };
    },

    /** Moves the end of a key into the past, as waiting would. */
    async expire({ secret }: Issued): Promise<void> {
      await tables.client.send(
        new UpdateItemCommand({
          TableName: tables.secrets,
          Key: toItem(secretKey(digestOf(secret))),
          UpdateExpression: 'SET expiresAt = :past',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':past': { N: '1' } },
        }),
      );
    },
  };
}

const NONE: Issued = { id: `pat_${'0'.repeat(20)}`, secret: '' };

/** What is nobody's. */
export const MISSING: Tenant['ids'] = {
  workspace: 'absent',
  key: `key_${'0'.repeat(20)}`,
  user_id: 'usr_nobody',
  invitation: `inv_${'0'.repeat(20)}`,
  token: NONE.id,
};
