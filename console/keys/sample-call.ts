import type { ConsoleConfig } from '../config.ts';

type CallConfig = Pick<ConsoleConfig, 'realm' | 'product_api' | 'credential' | 'first_call' | 'features'>;

/** Whose first call it is: a key's, or a token's that names the workspace in which it acts. */
export type SampleCaller = { readonly kind: 'key' } | { readonly kind: 'token'; readonly workspace: string };

/** A call of the product's API, ready to be sent. */
export interface SampleCall {
  readonly method: string;
  readonly url: string;
  /** The header that holds the credential. */
  readonly header: string;
  /** What stands before the credential in that header: `Bearer `, or nothing. */
  readonly scheme: string;
  /** The other headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly isMcp: boolean;
  readonly realm: string;
  /** The environment variable in which the samples expect the credential: it does not belong in source code. */
  readonly variable: string;
}

/** `undefined` where the deployment does not say what a first call could be. */
export function sampleCallOf(config: CallConfig, caller: SampleCaller): SampleCall | undefined {
  const { product_api, credential, first_call, realm } = config;
  if (product_api === null || first_call === null) return undefined;
  const isMcp = first_call.kind === 'mcp';
  return {
    method: isMcp ? 'POST' : first_call.method,
    url: `${product_api.url}${first_call.path}`,
    header: credential.header === 'authorization' ? 'Authorization' : credential.header,
    scheme: credential.scheme === null ? '' : `${credential.scheme} `,
    headers: { ...workspaceHeader(config, caller), ...(isMcp ? { 'Content-Type': 'application/json' } : {}) },
    body: isMcp ? { jsonrpc: '2.0', id: 1, ...first_call.rpc } : undefined,
    isMcp,
    realm,
    variable: `${realm.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_${caller.kind === 'key' ? 'API_KEY' : 'PAT'}`,
  };
}

function workspaceHeader({ features }: CallConfig, caller: SampleCaller): Readonly<Record<string, string>> {
  const tokens = features.personal_access_tokens;
  return caller.kind === 'token' && tokens !== null ? { [tokens.workspace_header]: caller.workspace } : {};
}
