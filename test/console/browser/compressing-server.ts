import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';

export interface CompressingServer {
  readonly url: string;
  close(): void;
}

/** Serves what another server does, compressed as CloudFront compresses it: the local run sends files as they are. */
export async function compress(target: string): Promise<CompressingServer> {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forwarded = sendRequest(`${target}${url}`, { method, headers }, (answer) => {
      const { 'content-length': _, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, { ...kept, 'content-encoding': 'gzip' });
      answer.pipe(createGzip()).pipe(outgoing);
    });
    incoming.pipe(forwarded);
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
