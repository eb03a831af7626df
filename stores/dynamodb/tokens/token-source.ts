import type { TokenSource } from '../../../core/verification/verify-token.ts';
import { noteUse } from '../secrets/last-use.ts';
import { readItems } from '../table/batch-read.ts';
import { type Tables, tokenSecretKey, tokenWorkspaceKey } from '../table/tables.ts';
import { readTokenSecret } from './token-secret-item.ts';

/** Verification of tokens on DynamoDB: one strongly consistent batch of at most two items. */
export function dynamoTokenSource({ client, secrets }: Pick<Tables, 'client' | 'secrets'>): TokenSource {
  return {
    async find(locator, slug) {
      const stored = locator;
      const tokenKey = tokenSecretKey(stored);
      const workspaceKeys = slug === null ? [] : [tokenWorkspaceKey(stored, slug)];
      const items = await readItems(client, { table: secrets, keys: [tokenKey, ...workspaceKeys] });
      const token = items.find(({ sk }) => sk?.S === tokenKey.sk);
      const workspace = items.find((item) => item !== token);
      return token && readTokenSecret(token, workspace);
    },

    stamp: (locator, now) => noteUse(client, { table: secrets, key: tokenSecretKey(locator) }, now),
  };
}
