import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { furtherKinds as bcryptKeys } from './bcrypt-keys.ts';
import { furtherKinds as tokens } from './tokens.ts';

/**
 * What verification needs besides secrets that are looked up by their digest. Outside bundles it is all there is; the
 * bundler puts the module of the profile's own kinds in place of this one, since every cold start would load the others.
 */
export const furtherKinds = (table: Pick<Tables, 'client' | 'secrets'>) => ({
  ...bcryptKeys(table),
  ...tokens(table),
});
