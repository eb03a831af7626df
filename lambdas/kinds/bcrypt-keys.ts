import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { bcryptProof } from './slow-proof.ts';

/** For a profile whose keys are kept as bcrypt. */
export const furtherKinds = (table: Pick<Tables, 'client' | 'secrets'>) => ({ bcrypt: bcryptProof(table) });
