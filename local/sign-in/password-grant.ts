import { randomUUID } from 'node:crypto';
import { errors, type Provider } from 'oidc-provider';
import { identityClaims } from './claims.ts';
import { resourceOf } from './client.ts';
import type { People } from './person.ts';

/** Registers the grant type `password` for scripts. Cognito does not have it. It asks for a user name and no password. */
export function addPasswordGrant(provider: Provider, people: People): void {
  provider.registerGrantType<{ username?: string }>(
    'password',
    async (ctx) => {
      const { client, params } = ctx.oidc;
      const person = people.signIn(params.username ?? '');
      if (person === undefined)
        throw new errors.InvalidRequest('username must be a user id or an e-mail address.');
      const { scope = '' } = client;
      const access = new provider.AccessToken({
        client,
        accountId: person.userId,
        grantId: randomUUID(),
        gty: 'password',
        scope,
        resourceServer: new provider.ResourceServer(provider.issuer, resourceOf(client)),
      });
      const identity = new provider.IdToken({}, { ctx });
      for (const [name, value] of Object.entries(identityClaims(person))) identity.set(name, value);
      ctx.body = {
        access_token: await access.save(),
        id_token: await identity.issue({ use: 'idtoken' }),
        token_type: access.tokenType,
        expires_in: access.expiration,
        scope,
      };
    },
    ['username'],
  );
}
