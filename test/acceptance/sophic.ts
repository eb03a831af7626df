import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

/** A workspace beside `acme`, which the member of `acme` owns. */
export const SECOND = 'second';

export async function startSophic() {
  const product = await startProduct('sophic');
  const sophic = sophicOf(product);
  await sophic.newWorkspace(SECOND, product.users.member);
  return { product, sophic };
}

/** What the tests of the profile `sophic` ask of its two APIs. */
export function sophicOf(product: TestProduct) {
  const { managementUrl, managementKey, apiUrl, users } = product;
  const operator = (path: string, body?: unknown, method?: string) =>
    send(managementUrl + path, {
      credential: managementKey,
      body,
      ...(method !== undefined && { method }),
    });
  const expectIssued = ({ status, body }: Answer) => {
    if (status !== 201) throw new Error(`It was not issued: ${status} ${JSON.stringify(body)}.`);
    return body;
  };
  const named = (workspace: string | undefined): Record<string, string> =>
    workspace === undefined ? {} : { 'x-sophic-workspace': workspace };
  return {
    operator,

    newWorkspace: async (slug: string, created_by: string) => {
      const { status } = await operator('/v1/workspaces', { slug, name: slug, created_by });
      if (status !== 201) throw new Error(`The workspace ${slug} was not made: ${status}.`);
    },

    issueKey: async (scopes: readonly string[], workspace = 'acme', created_by = users.owner) =>
      expectIssued(
        await operator(`/v1/workspaces/${workspace}/keys`, { name: 'test', scopes, created_by }),
      ) as { key: { id: string }; secret: string },

    issueToken: async (fields: object = {}, user: string = users.owner) =>
      expectIssued(
        await operator(`/v1/users/${user}/tokens`, { name: 'test', scopes: ['read', 'capture'], ...fields }),
      ) as { token: { id: string; role: string; status: string }; secret: string },

    verify: async (body: object) => (await operator('/v1/keys/verify', body)).body,

    /** @param workspace the header's value; left out for none. */
    get: (path: string, credential: string, workspace?: string) =>
      send(apiUrl + path, { credential, headers: named(workspace) }),

    capture: (
      credential: string,
      workspace?: string,
      body: unknown = { title: 'New', content: 'One.\nTwo.' },
    ) => send(`${apiUrl}/api/ingest/cli`, { credential, headers: named(workspace), body }),

    post: (message: object, credential: string, workspace?: string) =>
      send(`${apiUrl}/api/mcp`, {
        credential,
        headers: named(workspace),
        body: { jsonrpc: '2.0', id: 1, ...message },
      }),
  };
}
