import type { TokenSource } from '../../core/verification/verify-token.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoTokenSource } from '../../stores/dynamodb/tokens/token-source.ts';

export { bcrypt } from './verifiers-digests.ts';

/** `#verifiers` for a profile with personal access tokens. */
export function createVerifiers(table: Pick<Tables, 'client' | 'secrets'>): { readonly tokens: TokenSource } {
  return { tokens: dynamoTokenSource(table) };
}
