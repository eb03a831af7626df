import type { Principal, SignedInUser } from '../../core/access/principal.ts';
import { LIMIT_SOURCES, type OwnLimit } from '../../core/access/rate-limit.ts';
import { ROLES, type Role } from '../../core/access/role.ts';
import { type CredentialKind, PRODUCT_CREDENTIAL_KINDS, type Scopes } from '../../core/access/scope.ts';
import { type ErrorBodies, escapeText, wordProblem } from '../../core/errors/error-body.ts';
import { REFUSALS, type RefusalCode } from '../../core/verification/refusal.ts';
import type { RateState } from '../../core/verification/verdict.ts';

/**
 * API Gateway hands a principal from the authorizer to the backend as flat strings. Writing and reading them stand side
 * by side here, so that the two agree.
 */
export type AuthorizerContext = Readonly<Record<string, string>>;

/** What an authorizer has decided, as its backend reads it. */
export type Decision =
  | { readonly kind: 'allow'; readonly principal: Principal; readonly rate?: RateState }
  | { readonly kind: 'rate_limited'; readonly principal: Principal; readonly rate: RateState };

/** Stands for `all` scopes; no scope can be named so. */
const ALL = '*';

export function writeDecision({ kind, principal, rate }: Decision, errors?: ErrorBodies): AuthorizerContext {
  const { credentialId, workspace, user, role, scopes, constraints } = principal;
  return {
    ...denialTexts({ code: 'forbidden' }, errors),
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

/** Why a known caller is denied. */
export interface Denied {
  readonly code: RefusalCode;
  readonly requiredScope?: string;
  /** Instead of the code's own. */
  readonly detail?: string;
}

/**
 * What the ACCESS_DENIED gateway response prints. It stands in the context of an allow too: API Gateway evaluates the
 * policy, and what the policy does not name is denied with whatever context there is. Gateway responses escape nothing, so
 * these are fixed texts and the profile's own scope names, written as JSON. `requiredScopeMember` is a member of the body, and
 * empty where no scope would help: a template cannot leave one out. A product's own templates print the rest.
 */
export function denialTexts(
  { code, requiredScope, detail = REFUSALS[code].detail }: Denied,
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

/** For a path that no policy can name: it is not the credential that is at fault. */
export const UNNAMEABLE_PATH: Denied = {
  code: 'forbidden',
  detail: 'The path is too long, or holds too many of the characters * and ?, to be decided on.',
};

/** What a verdict carries that API Gateway keeps: without it the guard, which knows no profile, could not look again. */
export interface KeptVerdict {
  /** Lower case. */
  readonly credentialHeader: string;
  /** What a 401 asks for in `WWW-Authenticate`. */
  readonly challenge: string;
}

export function writeKeptVerdict({ credentialHeader, challenge }: KeptVerdict): AuthorizerContext {
  return { credentialHeader, challenge };
}

/** @returns `undefined` where verdicts are not kept. */
export function readKeptVerdict(
  context: Readonly<Record<string, unknown>> | null | undefined,
): KeptVerdict | undefined {
  const { credentialHeader, challenge } = context ?? {};
  if (typeof credentialHeader !== 'string' || typeof challenge !== 'string') return undefined;
  return { credentialHeader, challenge };
}

/** By which rules the authorizer has decided: the name of its profile. */
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

/** A signed-in user has no powers before a workspace is named, so that is all there is to hand on. */
export function writeSignedInUser({ user }: SignedInUser): AuthorizerContext {
  return {
    ...denialTexts({ code: 'forbidden', detail: 'You are signed in, but this is not open to people.' }),
    decision: 'signed_in',
    // The access log prints it as it is, and an issuer's names may hold what would break its JSON.
    credentialId: encodeURI(user),
    user,
  };
}

/** @returns `undefined` unless the management API's authorizer has found somebody signed in. */
export function readSignedInUser(
  context: Readonly<Record<string, unknown>> | null | undefined,
): SignedInUser | undefined {
  const user = context?.decision === 'signed_in' ? context.user : undefined;
  return typeof user === 'string' && user !== '' ? { kind: 'signed_in', user } : undefined;
}

/** @returns `undefined` for anything that no authorizer of Keyward has written. */
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
  // What is no number would never be over.
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

/** The kinds that a secret stands behind; a person is handed on otherwise. */
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

/** What cannot be read must not look like a credential without a limit of its own. */
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
