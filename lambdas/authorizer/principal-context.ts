import type { CallerSession, Principal, SignedInUser } from '../../core/access/principal.ts';
import { LIMIT_SOURCES, type OwnLimit } from '../../core/access/rate-limit.ts';
import { ROLES, type Role } from '../../core/access/role.ts';
import { type CredentialKind, PRODUCT_CREDENTIAL_KINDS, type Scopes } from '../../core/access/scope.ts';
import { type ErrorBodies, escapeText, wordProblem } from '../../core/errors/error-body.ts';
import { REFUSALS, type RefusalCode } from '../../core/verification/refusal.ts';
import type { RateState } from '../../core/verification/verdict.ts';

/**
 * API Gateway hands a principal from the authorizer to the backend as flat strings. The functions that write them and those
 * that read them stand side by side in this file, so that they agree.
 */
export type AuthorizerContext = Readonly<Record<string, string>>;

/** The decision of an authorizer, as the backend reads it. */
export type Decision =
  | { readonly kind: 'allow'; readonly principal: Principal; readonly rate?: RateState }
  | { readonly kind: 'rate_limited'; readonly principal: Principal; readonly rate: RateState };

/** Stands for `all` scopes. No scope can have this name. */
const ALL = '*';

export function writeDecision({ kind, principal, rate }: Decision, errors?: ErrorBodies): AuthorizerContext {
  const { credentialId, workspace, user, role, scopes, constraints } = principal;
  return {
    ...refusalTexts({ code: 'forbidden' }, errors),
    decision: kind,
    kind: principal.kind,
    credentialId,
    scopes: scopes === 'all' ? ALL : scopes.join(' '),
    allowedCidrs: constraints.allowedCidrs.join(' '),
    ...(workspace !== null && { workspace }),
    ...(user !== null && { user }),
    ...(role !== null && { role }),
    ...(constraints.expiresAt !== null && { expiresAt: String(constraints.expiresAt) }),
    ...(constraints.ownLimit !== undefined && { ownLimit: writeOwnLimit(constraints.ownLimit) }),
    ...(rate && {
      rateLimit: String(rate.limit),
      rateWindowSeconds: String(rate.windowSeconds),
      rateRemaining: String(rate.remaining),
      rateResetSeconds: String(rate.resetSeconds),
    }),
  };
}

/** Why a known caller is refused. */
export interface RefusalReason {
  readonly code: RefusalCode;
  readonly requiredScope?: string;
  /** @default the code's own detail */
  readonly detail?: string;
}

/**
 * The texts that the ACCESS_DENIED gateway response prints. An allow carries them too, because API Gateway denies every route
 * that its policy does not name, and prints the context that it has. Gateway responses escape nothing, so these are fixed texts
 * and scope names of the profile, written as JSON. `requiredScopeMember` is a whole member of the body, because a template
 * cannot leave a member out; it is empty where no scope would help. Only a product's own templates print the others.
 */
export function refusalTexts(
  { code, requiredScope, detail = REFUSALS[code].detail }: RefusalReason,
  errors?: ErrorBodies,
): AuthorizerContext {
  const { code: publicCode } = REFUSALS[code];
  const problem = { status: 403, title: REFUSALS.forbidden.title, code: publicCode, detail };
  const worded = wordProblem(errors, problem);
  return {
    code: publicCode,
    detail: escapeText(worded.detail),
    requiredScopeMember: requiredScope === undefined ? '' : `,"required_scope":"${requiredScope}"`,
    ...(errors && {
      title: escapeText(worded.title),
      requiredScope: requiredScope ?? '',
      requiredScopeValue: JSON.stringify(requiredScope ?? null),
    }),
  };
}

/** No policy can name this path. The credential may be fine. */
export const UNNAMEABLE_PATH: RefusalReason = {
  code: 'forbidden',
  detail: 'The path is too long to be decided on, or has too many of the characters * and ?.',
};

/** The guard knows no profile. It needs this to check a request again that API Gateway has let in by a cached verdict. */
export interface CachedVerdict {
  /** Lower case. */
  readonly credentialHeader: string;
  /** The value of `WWW-Authenticate` on a 401. */
  readonly challenge: string;
}

export function writeCachedVerdict({ credentialHeader, challenge }: CachedVerdict): AuthorizerContext {
  return { credentialHeader, challenge };
}

/** @returns `undefined` where API Gateway caches no verdicts. */
export function readCachedVerdict(
  context: Readonly<Record<string, unknown>> | null | undefined,
): CachedVerdict | undefined {
  const { credentialHeader, challenge } = context ?? {};
  if (typeof credentialHeader !== 'string' || typeof challenge !== 'string') return undefined;
  return { credentialHeader, challenge };
}

/** The name of the profile by which the authorizer has decided. */
export function writeProduct(product: string): AuthorizerContext {
  return { product };
}

/** @returns `undefined` where the authorizer does not say. */
export function readProduct(
  context: Readonly<Record<string, unknown>> | null | undefined,
): string | undefined {
  const product = context?.product;
  return typeof product === 'string' ? product : undefined;
}

/** A signed-in user has no rights until a request names a workspace, so nothing else is handed on but their session. */
export function writeSignedInUser({ user, session }: SignedInUser): AuthorizerContext {
  const detail =
    session === undefined
      ? 'You are signed in, but this route is not open to people.'
      : 'A session is for one workspace, and this route reaches beyond it.';
  return {
    ...refusalTexts({ code: 'forbidden', detail }),
    decision: 'signed_in',
    // The access log prints this unescaped, and an issuer's user names may hold characters that would break its JSON.
    credentialId: session?.id ?? encodeURI(user),
    user,
    ...(session !== undefined && { session: writeSession(session) }),
  };
}

function writeSession({ id, workspace, memberSince, expiresAt, endsAt }: CallerSession): string {
  return [id, workspace, memberSince, expiresAt, endsAt].join(' ');
}

function readSession(text: unknown): CallerSession | undefined {
  const [, id = '', workspace = '', ...times] =
    /^(ses_\w+) ([a-z0-9-]+) (\d+) (\d+) (\d+)$/.exec(String(text)) ?? [];
  const [memberSince, expiresAt, endsAt] = times.map(Number);
  if (memberSince === undefined || expiresAt === undefined || endsAt === undefined) return undefined;
  return { id, workspace, memberSince, expiresAt, endsAt };
}

/** @returns `undefined` unless the management API's authorizer has let in somebody who signed in. */
export function readSignedInUser(
  context: Readonly<Record<string, unknown>> | null | undefined,
): SignedInUser | undefined {
  const user = context?.decision === 'signed_in' ? context.user : undefined;
  if (typeof user !== 'string' || user === '') return undefined;
  if (context?.session === undefined) return { kind: 'signed_in', user };
  // A session that cannot be read must not look like none, which reaches every workspace of the user.
  const session = readSession(context.session);
  return session && { kind: 'signed_in', user, session };
}

/** @returns `undefined` unless an authorizer of Keyward has written the context. */
export function readDecision(
  context: Readonly<Record<string, unknown>> | null | undefined,
): Decision | undefined {
  const text = (name: string) => {
    const value = context?.[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const kind = text('kind');
  const credentialId = text('credentialId');
  const scopes = readScopes(text('scopes'));
  const expiresAt = text('expiresAt') === undefined ? null : Number(text('expiresAt'));
  if (credentialId === undefined || scopes === undefined || !isCredentialKind(kind)) return undefined;
  // Nothing is later than NaN, so such a credential would never expire.
  if (Number.isNaN(expiresAt)) return undefined;
  const ownLimit = text('ownLimit') === undefined ? undefined : readOwnLimit(text('ownLimit'));
  if (ownLimit === 'unreadable') return undefined;
  const principal: Principal = {
    kind,
    credentialId,
    workspace: text('workspace') ?? null,
    user: text('user') ?? null,
    role: ROLES.find((role: Role) => role === text('role')) ?? null,
    scopes,
    constraints: {
      expiresAt,
      allowedCidrs: text('allowedCidrs')?.split(' ') ?? [],
      ...(ownLimit !== undefined && { ownLimit }),
    },
  };
  const rate = readRate(text);
  const decision = text('decision');
  if (decision === 'allow') return { kind: 'allow', principal, ...(rate && { rate }) };
  return decision === 'rate_limited' && rate ? { kind: 'rate_limited', principal, rate } : undefined;
}

/** The kinds of credentials with a secret. For a person there is {@link readSignedInUser}. */
function isCredentialKind(text: string | undefined): text is Exclude<CredentialKind, 'person'> {
  return text === 'management_key' || PRODUCT_CREDENTIAL_KINDS.some((kind) => kind === text);
}

function readScopes(text: string | undefined): Scopes | undefined {
  if (text === ALL) return 'all';
  const [first, ...rest] = text?.split(' ') ?? [];
  return first === undefined ? undefined : [first, ...rest];
}

function writeOwnLimit({ from, limit, windowSeconds }: OwnLimit): string {
  return `${from} ${limit} ${windowSeconds}`;
}

/** A limit that cannot be read must not look like no limit. */
function readOwnLimit(text = ''): OwnLimit | 'unreadable' {
  const [, source, limit, windowSeconds] = /^([a-z]+) (\d+) (\d+)$/.exec(text) ?? [];
  const from = LIMIT_SOURCES.find((known) => known === source);
  return from === undefined
    ? 'unreadable'
    : { from, limit: Number(limit), windowSeconds: Number(windowSeconds) };
}

function readRate(text: (name: string) => string | undefined): RateState | undefined {
  if (text('rateLimit') === undefined) return undefined;
  return {
    limit: Number(text('rateLimit')),
    windowSeconds: Number(text('rateWindowSeconds')),
    remaining: Number(text('rateRemaining')),
    resetSeconds: Number(text('rateResetSeconds')),
  };
}
