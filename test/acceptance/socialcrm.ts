import { type Answer, send, type TestProduct } from '../product.ts';

export const LIST = { jsonrpc: '2.0', id: '1', method: 'tools/list' };
export const call = (name: string, toolArguments: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: toolArguments },
});

export const bearer = (credential: string) => ({ Authorization: `Bearer ${credential}` });

/** An answer to a failed authentication, to the letter. */
export const errorOf = (status: number, message: string) => ({
  status,
  body: `{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"${message}"}}`,
});
export const INVALID = errorOf(401, 'Invalid API key.');

/** What the tests of the profile `socialcrm` ask of its two APIs. */
export function socialcrmOf(product: TestProduct) {
  const { managementUrl, managementKey, apiUrl, assembly } = product;
  const endpoint = `${apiUrl}/api/mcp-app`;
  const manage = (path: string, body?: unknown, method?: string): Promise<Answer> =>
    send(`${managementUrl}/v1${path}`, {
      credential: managementKey,
      ...(body !== undefined && { body }),
      ...(method && { method }),
    });
  const keyPath = ({ id }: { id: string }) => `/workspaces/acme/keys/${id}`;
  return {
    endpoint,
    manage,
    keyPath,
    revoke: (key: { id: string }) => manage(`${keyPath(key)}/revoke`, {}),
    shown: async (key: { id: string }) => (await manage(keyPath(key))).body,

    issue: async (fields: object = {}, workspace = 'acme'): Promise<Answer['body']> => {
      const { status, body } = await manage(`/workspaces/${workspace}/keys`, fields);
      if (status !== 201) throw new Error(`It was not issued: ${status} ${JSON.stringify(body)}.`);
      return body;
    },

    post: (body: unknown, credential?: string): Promise<Answer> =>
      send(endpoint, { body, ...(credential !== undefined && { credential }) }),

    /** An answer to a failed authentication, with its body as a text. */
    failure: async (headers: Record<string, string>, body: unknown = LIST) => {
      const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, body: await response.text() };
    },

    /** What the sample's function asks of the secrets' table while something is done. */
    operationsDuring: async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = assembly.recordedCalls().length;
      await work();
      return assembly
        .recordedCalls()
        .slice(before)
        .filter(({ functionId, resource }) => {
          const { constructPath = '' } =
            Object.values(assembly.functions).find(({ id }) => id === functionId) ?? {};
          return constructPath.endsWith('/Sample') && resource.includes('Secrets');
        })
        .map(({ action }) => action.replace('dynamodb:', ''));
    },
  };
}
