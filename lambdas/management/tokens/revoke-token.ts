import * as v from 'valibot';
import { managementHandler } from '../http/management-handler.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { addressedTokenId, addressedUser } from './addressed-user.ts';
import { revokedToken } from './revoked-token.ts';

export const handler = managementHandler(async (call) => {
  readOptionalBody(call.event, v.strictObject({}));
  return revokedToken(call, { userId: addressedUser(call), id: addressedTokenId(call) });
});
