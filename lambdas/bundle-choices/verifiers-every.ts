import type { BcryptProof } from '../../core/verification/verify-bcrypt.ts';
import type { TokenSource } from '../../core/verification/verify-token.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { createVerifiers as createBcryptVerifiers } from './verifiers-bcrypt.ts';
import { createVerifiers as createTokenVerifiers } from './verifiers-tokens.ts';

export { bcrypt } from './verifiers-bcrypt.ts';

/**
 * `#verifiers` outside the bundles of a deployment: it verifies every kind of credential. A bundle has the module of its own
 * profile instead, so that no cold start loads code that it cannot use.
 */
export function createVerifiers(table: Pick<Tables, 'client' | 'secrets'>): {
  readonly bcrypt: BcryptProof;
  readonly tokens: TokenSource;
} {
  return { bcrypt: createBcryptVerifiers(table).bcrypt, tokens: createTokenVerifiers(table).tokens };
}
