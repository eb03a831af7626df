import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as sendRequest,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

export interface CompressingServer {
  readonly url: string;
  close(): void;
}

/**
 * Serves what another server does, compressed as CloudFront compresses it: the local run sends files as they are. Files whose names
 * hold a hash are compressed once, as CloudFront keeps them.
 */
export async function compress(target: string): Promise<CompressingServer> {
  const kept = new Map<string, Compressed>();
  const server = createServer(async (incoming, outgoing) => {
    const { url = '/' } = incoming;
    const answer = kept.get(url) ?? (await ask(target, incoming));
    if (HASHED.test(url)) kept.set(url, answer);
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const HASHED = /\.[0-9A-Z]{8}\.(?:js|css)$/;

interface Compressed {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

async function ask(target: string, incoming: IncomingMessage): Promise<Compressed> {
  const { method, url, headers } = incoming;
  const forwarded = sendRequest(`${target}${url}`, { method, headers });
  incoming.pipe(forwarded);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  const body = gzipSync(await buffer(answer));
  const { 'content-length': _, 'transfer-encoding': __, ...sent } = answer.headers;
  return { status: answer.statusCode ?? 502, headers: { ...sent, 'content-encoding': 'gzip' }, body };
}
