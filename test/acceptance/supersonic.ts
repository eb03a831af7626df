import { type Answer, send, type TestProduct } from '../product.ts';

export type Role = 'owner' | 'admin' | 'member';

export const SCOPES = [
  ...['objects', 'records', 'lists', 'views', 'notes', 'tasks', 'analytics', 'reports'],
  ...['timeline', 'graph', 'integrations', 'email', 'messages', 'meetings', 'billing', 'support'],
];

export const call = (name: string, toolArguments: object = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: toolArguments },
});

/** The same for clients of 2026-07-28: what is posted, and the headers that repeat it. */
export function modernCall(name: string, toolArguments: object = {}) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return [
    { ...call(name), params: { name, arguments: toolArguments, _meta: meta } },
    { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': name },
  ] as const;
}

/** What the tests of the profile `supersonic` ask of its two APIs. */
export function supersonicOf({ managementUrl, managementKey, apiUrl, users }: TestProduct) {
  const issueAnswer = (body: object): Promise<Answer> =>
    send(`${managementUrl}/v1/workspaces/acme/keys`, { credential: managementKey, body });
  const post = (credential: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    send(`${apiUrl}/`, { credential, body, headers });
  const toolsOf = async (credential: string) => {
    const { body } = await post(credential, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    return body.result.tools as { name: string; annotations: { readOnlyHint: boolean } }[];
  };
  return {
    issueAnswer,
    post,
    toolsOf,
    namesOf: async (credential: string) => (await toolsOf(credential)).map(({ name }) => name),

    issue: async (fields: object = {}, role: Role = 'owner'): Promise<Answer['body']> => {
      const { body, status } = await issueAnswer({ name: 'test', created_by: users[role], ...fields });
      if (status !== 201) throw new Error(`It was not issued: ${status} ${JSON.stringify(body)}.`);
      return body;
    },
  };
}
