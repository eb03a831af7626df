import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoTokenSource } from '../../stores/dynamodb/tokens/token-source.ts';

/** For a profile whose users have personal access tokens. */
export const furtherKinds = (table: Pick<Tables, 'client' | 'secrets'>) => ({
  tokens: dynamoTokenSource(table),
});
