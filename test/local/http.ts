import { request } from 'node:http';

export interface Sent {
  readonly method?: string;
  /** In this order, in this spelling, repeated as often as given. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
  /** The address to call from. */
  readonly from?: string;
}

export interface Received {
  readonly status: number;
  readonly bytes: Buffer;
  readonly text: string;
  /** Names and values as they came over the wire. */
  readonly rawHeaders: readonly string[];
  header(name: string): string | undefined;
  all(name: string): string[];
  json(): Record<string, unknown>;
}

/** Sends a request exactly as told, which fetch would not. */
export function send(
  url: string,
  { method = 'GET', headers = [], body, from }: Sent = {},
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const named = headers.some(([name]) => name.toLowerCase() === 'host');
    const flat = [...(named ? [] : ['Host', target.host]), ...headers.flat()];
    if (body !== undefined) flat.push('Content-Length', String(Buffer.byteLength(body)));
    const call = request({
      hostname: target.hostname,
      port: target.port,
      path: url.slice(target.origin.length) || '/',
      method,
      headers: flat,
      agent: false,
      ...(from ? { localAddress: from } : {}),
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { rawHeaders, statusCode = 0 } = response;
        const all = (name: string) =>
          rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name.toLowerCase());
        const text = bytes.toString('utf8');
        resolve({
          status: statusCode,
          bytes,
          text,
          rawHeaders,
          all,
          header: (name) => all(name)[0],
          json: () => JSON.parse(text),
        });
      });
    });
    call.end(body);
  });
}
