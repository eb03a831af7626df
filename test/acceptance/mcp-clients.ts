import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

type Headers = Readonly<Record<string, string>>;

async function modernClient(endpoint: string, headers: Headers) {
  const client = new ModernClient(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new ModernTransport(new URL(endpoint), { requestInit: { headers } }));
  return client;
}

async function olderClient(endpoint: string, headers: Headers) {
  const client = new OlderClient({ name: 'test', version: '1' });
  await client.connect(new OlderTransport(new URL(endpoint), { requestInit: { headers } }));
  return client;
}

/** The official clients of both eras of MCP: which one, and how it connects. */
export const OFFICIAL_CLIENTS = [
  ['of 2026-07-28', modernClient],
  ['of 2025-11-25 and before', olderClient],
] as const;
