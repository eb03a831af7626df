import type { IncomingMessage, RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { PAGE_PATH, PAGE_POLICY, refusalPage, signInPage } from './page.ts';
import { type LocalPerson, People } from './person.ts';
import type { TriggerOptions } from './trigger.ts';
import type { UserPool } from './user-pool.ts';

export interface IssuerOptions extends TriggerOptions {
  /** Without a slash at the end, as in `iss`. */
  readonly url: string;
  readonly people: readonly LocalPerson[];
}

type Context = Pick<KoaContextWithOIDC, keyof KoaContextWithOIDC>;

/**
 * An OpenID Connect issuer in place of a Cognito user pool. It has the same endpoints behind the same discovery, the
 * same claims and the same trigger. On its page, a developer picks a user. It asks for no password.
 */
export function createIssuer(options: IssuerOptions): RequestListener {
  // The library loads slowly, and many runs never sign anybody in. So it is loaded when it is first needed.
  let answer: Promise<RequestListener> | undefined;
  return async (incoming, outgoing) => {
    try {
      answer ??= createAnswer(options);
      (await answer)(incoming, outgoing);
    } catch (fault) {
      logFault(options, fault);
      outgoing.writeHead(500).end();
    }
  };
}

async function createAnswer(options: IssuerOptions): Promise<RequestListener> {
  const { createProvider } = await import('./provider.ts');
  const people = new People(options.people);
  const provider = await createProvider({ ...options, people });
  provider.onerror = (fault) => logFault(options, fault);
  provider.on('server_error', (_, fault) => logFault(options, fault));
  provider.use(async (ctx, next) => {
    if (ctx.path.startsWith(PAGE_PATH)) return answerPage({ provider, people, offered: options.people }, ctx);
    if (ctx.path === '/logout') return logOut(provider, ctx);
    if (ctx.path !== '/token' || ctx.method !== 'POST') return next();
    await nameOnlyClient(options.pool, ctx);
    await next();
    // A code works once, even when it was presented wrongly.
    const code = ctx.oidc.params?.code;
    if (typeof code === 'string') await (await provider.AuthorizationCode.find(code))?.destroy();
  });
  return provider.callback();
}

interface PageOptions {
  readonly provider: Provider;
  readonly people: People;
  readonly offered: readonly LocalPerson[];
}

/** Shows the users to pick from, and signs in the one that was picked. */
async function answerPage({ provider, people, offered }: PageOptions, ctx: Context): Promise<void> {
  const show = (status: number, page: string) => {
    ctx.set({ 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-store' });
    Object.assign(ctx, { status, type: 'html', body: page });
  };
  if (!(await provider.interactionDetails(ctx.req, ctx.res).catch(() => undefined)))
    return show(400, refusalPage('It was begun in another browser, or too long ago: begin again.'));
  if (ctx.method !== 'POST') return show(200, signInPage(offered));
  const person = people.signIn(new URLSearchParams(await text(ctx.req)).get('person') ?? '');
  if (person === undefined) {
    const complaint = 'It must be an e-mail address or a user id of at most 255 characters.';
    return show(400, signInPage(offered, complaint));
  }
  const login = { accountId: person.userId, remember: false };
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login }));
}

/** The issuer keeps no sessions, so there is nothing to end. It only redirects to the client, as Cognito does. */
async function logOut(provider: Provider, ctx: Context): Promise<void> {
  const [id = '', target = ''] = [ctx.query.client_id, ctx.query.logout_uri].map(String);
  const isRegistered = (await provider.Client.find(id))?.postLogoutRedirectUriAllowed(target);
  if (isRegistered) return ctx.redirect(target);
  const body = refusalPage('client_id and logout_uri must be those of a client of the user pool.');
  Object.assign(ctx, { status: 400, type: 'html', body });
}

/** A script need not name the client where there is only one. */
async function nameOnlyClient({ clients: [only, another] }: UserPool, ctx: Context): Promise<void> {
  const form = new URLSearchParams(await text(ctx.req));
  if (only && !another && form.get('grant_type') === 'password' && !form.has('client_id'))
    form.set('client_id', only.clientId);
  const body = Buffer.from(form.toString());
  const { headers } = ctx.req;
  headers['content-length'] = String(body.length);
  // The body was read already. The library gets it again from here.
  ctx.req = Object.assign(Readable.from([body]), { headers }) as IncomingMessage;
}

function logFault({ pool, log }: IssuerOptions, fault: unknown): void {
  const stack = fault instanceof Error ? fault.stack : fault;
  log({ source: `sign-in:${pool.id}`, text: `The issuer failed: ${stack}`, at: new Date() });
}
