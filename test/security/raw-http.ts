import { connect } from 'node:net';

export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  readonly text: string;
  /** Whether the gateway has seen the request: HTTP's own parser answers the rest. */
  readonly isGateways: boolean;
}

/**
 * Sends a request byte by byte as told: names and values that no client library would send.
 * @param lines header lines, each a text of which every character is one byte.
 */
export function sendRaw(
  url: string,
  { method = 'GET', lines, body = '' }: { method?: string; lines: readonly string[]; body?: string },
): Promise<RawAnswer> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const head = [
    `${method} ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    ...lines,
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    'Connection: close',
  ].join('\r\n');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () =>
      socket.write(Buffer.from(`${head}\r\n\r\n${body}`, 'latin1')),
    );
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that has refused a request may not read the rest of it.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? socket.destroy() : reject(error),
    );
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
      resolve({ status, text, isGateways: /^x-amzn-requestid:/im.test(text) });
    });
  });
}
