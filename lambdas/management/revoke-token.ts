import * as v from 'valibot';
import { addressedTokenId, addressedUser } from './addressed-user.ts';
import { managementHandler } from './management-handler.ts';
import { readOptionalBody } from './request-body.ts';
import { revokedToken } from './revoked-token.ts';

export const handler = managementHandler(async (call) => {
  readOptionalBody(call.event, v.strictObject({}));
  return revokedToken(call, { userId: addressedUser(call), id: addressedTokenId(call) });
});
