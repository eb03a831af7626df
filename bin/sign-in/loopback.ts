import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LOGIN_CALLBACKS } from '../../core/management/sign-in.ts';
import { CommandFailure, EXIT } from '../commands/failure.ts';

/** A port of this machine that waits for a browser to come back from the issuer. */
export interface Callback {
  /** The `redirect_uri`. */
  readonly url: string;
  /** @throws {CommandFailure} where the person was refused, or did not come back in time. */
  readonly code: Promise<string>;
  close(): void;
}

interface Expected {
  /** What the browser must bring back. */
  readonly state: string;
  readonly issuer: string;
  readonly patienceMs: number;
}

/** @throws {CommandFailure} where every port that an issuer knows is taken. */
export async function listenForCallback(expected: Expected): Promise<Callback> {
  const server = createServer();
  const url = await listenOnFirst(server, LOGIN_CALLBACKS);
  let timer: NodeJS.Timeout | undefined;
  const code = new Promise<string>((resolve, reject) => {
    timer = setTimeout(() => {
      reject(new CommandFailure(EXIT.not_signed_in, 'Nobody has signed in in time: run the command again.'));
    }, expected.patienceMs);
    server.on('request', (request, response) => {
      const outcome = judge(request, { url, ...expected });
      answer(response, outcome);
      if (outcome.kind === 'code') resolve(outcome.code);
      if (outcome.kind === 'refused')
        reject(new CommandFailure(EXIT.not_signed_in, `The issuer refused the sign-in: ${outcome.reason}.`));
    });
  });
  // It may fail before anybody waits for it.
  code.catch(() => {});
  const close = () => {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
  };
  return { url, code, close };
}

async function listenOnFirst(server: Server, urls: readonly string[]): Promise<string> {
  for (const url of urls) {
    const port = Number(new URL(url).port);
    const isListening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    server.removeAllListeners('error');
    if (isListening) return url;
  }
  const ports = urls.map((url) => new URL(url).port).join(', ');
  throw new CommandFailure(
    EXIT.failed,
    `A sign-in needs one of the ports ${ports}, and all are taken: free one.`,
  );
}

type Outcome =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Any page can send a browser here. It must neither sign somebody else in nor end the sign-in. */
  | { readonly kind: 'ignored' };

function judge(
  request: IncomingMessage,
  { url, state, issuer }: Expected & { readonly url: string },
): Outcome {
  const { host, pathname } = new URL(url);
  const asked = new URL(request.url ?? '', url);
  const given = (name: string) => asked.searchParams.get(name);
  if (request.method !== 'GET' || request.headers.host !== host || asked.pathname !== pathname)
    return { kind: 'ignored' };
  if (given('state') !== state) return { kind: 'ignored' };
  // RFC 9207: the answer of another issuer is none to this question.
  if (given('iss') !== null && given('iss') !== issuer) return { kind: 'ignored' };
  const code = given('code');
  if (code !== null && given('error') === null) return { kind: 'code', code };
  return { kind: 'refused', reason: given('error_description') ?? given('error') ?? 'it gave no reason' };
}

const PAGES: Readonly<Record<Outcome['kind'], readonly [status: number, sentence: string]>> = {
  code: [200, 'You are signed in. You can close this page.'],
  refused: [200, 'You are not signed in. The terminal says why.'],
  ignored: [404, 'There is nothing here.'],
};

function answer(response: ServerResponse, { kind }: Outcome): void {
  const [status, sentence] = PAGES[kind];
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
    // The address holds the code.
    'Referrer-Policy': 'no-referrer',
    Connection: 'close',
  });
  response.end(`<!doctype html><html lang="en"><title>Keyward</title><p>${sentence}</p></html>\n`);
}
