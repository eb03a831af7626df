import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Caller, Principal, SignedInUser } from '../../../core/access/principal.ts';
import type { OwnLimit } from '../../../core/access/rate-limit.ts';
import type { Role } from '../../../core/access/role.ts';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { ApiKey } from '../../../core/credential/credential.ts';
import { LINK_FORMAT, SESSION_FORMAT } from '../../../core/credential/credential-type.ts';
import { generateKey, type KeyFormat } from '../../../core/credential/key-text.ts';
import { digestOf, makeSecret } from '../../../core/credential/secret.ts';
import { roleCopiesOf } from '../../../core/management/member-store.ts';
import {
  MANAGEMENT_ROUTES,
  type ManagementHandler,
  managementRoutesOf,
} from '../../../core/management/route.ts';
import { credentialTypesOf, type Profile } from '../../../core/profile/profile.ts';
import { ProblemError, problemResponse } from '../../../lambdas/http/problem.ts';
import { readEventsOperation } from '../../../lambdas/management/events/events.ts';
import type { Ids, ManagementCall, Operation } from '../../../lambdas/management/http/operation.ts';
import { recordRefusals } from '../../../lambdas/management/http/refusal.ts';
import {
  createInvitationOperation,
  readInvitationsOperation,
  revokeInvitationOperation,
} from '../../../lambdas/management/invitations/invitations.ts';
import { importKeysOperation } from '../../../lambdas/management/keys/import-keys.ts';
import { issueKeyOperation } from '../../../lambdas/management/keys/issue-key.ts';
import { readKeysOperation } from '../../../lambdas/management/keys/read-keys.ts';
import { revokeKeyOperation } from '../../../lambdas/management/keys/revoke-key.ts';
import { revokeKeysOperation } from '../../../lambdas/management/keys/revoke-keys.ts';
import { revokePreviousSecretOperation } from '../../../lambdas/management/keys/revoke-previous-secret.ts';
import { rotateKeyOperation } from '../../../lambdas/management/keys/rotate-key.ts';
import { updateKeyOperation } from '../../../lambdas/management/keys/update-key.ts';
import { verifyKeyOperation } from '../../../lambdas/management/keys/verify-key.ts';
import {
  describeCallerOperation,
  describeScopesOperation,
} from '../../../lambdas/management/members/describe-caller.ts';
import {
  putMemberOperation,
  readMembersOperation,
  removeMemberOperation,
} from '../../../lambdas/management/members/members.ts';
import { createSessionOperation } from '../../../lambdas/management/sessions/create-session.ts';
import { endSessionOperation } from '../../../lambdas/management/sessions/end-session.ts';
import { exchangeSessionOperation } from '../../../lambdas/management/sessions/exchange-session.ts';
import { revokeSessionsOperation } from '../../../lambdas/management/sessions/revoke-sessions.ts';
import { issueTokenOperation } from '../../../lambdas/management/tokens/issue-token.ts';
import { readTokensOperation, revokeTokenOperation } from '../../../lambdas/management/tokens/tokens.ts';
import {
  createWorkspaceOperation,
  readWorkspaceOperation,
  updateWorkspaceOperation,
} from '../../../lambdas/management/workspaces/workspaces.ts';
import { refusalLog } from '../../../lambdas/refusal-log.ts';
import { countedHash } from '../../core/verification/fake-bcrypt.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { assertDescribed, type SeenAnswer } from '../../described-answers.ts';
import { profile as standard } from '../../standard-profile.ts';
import { memoryStores } from '../../stores/memory/stores.ts';
import { newIdAt } from '../../stores/memory/world.ts';

/** When these tests happen, in Unix seconds. */
export const NOW = 1_800_000_000;

export const SOURCE_ADDRESS = '192.0.2.1';

type Route<Each> = Each extends { readonly method: infer Method; readonly path: infer Path }
  ? `${Method & string} ${Path & string}`
  : never;

export type RouteName = Route<(typeof MANAGEMENT_ROUTES)[number]>;

export interface Asked {
  /** @default the operator */
  readonly as?: Caller;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a body holds is for each test to say.
  readonly body: any;
}

/** The operator, with a management key. */
export const OPERATOR: Principal = {
  kind: 'management_key',
  credentialId: 'key_00000000000000000000',
  workspace: null,
  user: null,
  role: null,
  scopes: 'all',
  constraints: { expiresAt: null, allowedCidrs: [] },
};

/** Somebody who has signed in. */
export function person(user: string): SignedInUser {
  return { kind: 'signed_in', user };
}

/** The caller that the authorizer makes of an API key. */
export function holderOf(key: ApiKey): Principal {
  const ownLimit = ownLimitOf(key);
  return {
    kind: 'api_key',
    credentialId: key.id,
    workspace: key.workspace,
    user: key.createdBy,
    role: key.role,
    scopes: key.scopes,
    constraints: {
      expiresAt: key.expiresAt,
      allowedCidrs: key.allowedCidrs,
      ...(ownLimit !== undefined && { ownLimit }),
    },
  };
}

function ownLimitOf({ rateLimit, issuerLimit }: ApiKey): OwnLimit | undefined {
  if (rateLimit !== null) return { ...rateLimit, from: 'operator' };
  return issuerLimit === null ? undefined : { ...issuerLimit, from: 'issuer' };
}

/** A text of which only the digest is kept. */
function drawText(format: KeyFormat) {
  const text = generateKey(format, randomBytes);
  return { text, locator: digestOf(text) };
}

/** The address of the console here. */
export const CONSOLE_URL = 'https://keys.example.com/console/';

/** How many active keys a member may have here. */
export const MAX_KEYS_PER_MEMBER = 5;

/** The operations of the management API on stores in memory, without HTTP, a log, or a second attempt. */
export function memoryApi(profile: Profile = standard, acceptedBy: 'signing_in' | 'nobody' = 'signing_in') {
  const stores = memoryStores(roleCopiesOf(profile));
  const verified = memoryVerificationStore();
  const clock = { now: NOW, millisecondsLeft: Number.POSITIVE_INFINITY };
  const newEventIdentity = () => ({ id: newIdAt('evt', clock.now), at: clock.now });
  const ids: Ids = { newId: (prefix) => newIdAt(prefix, clock.now), newEventIdentity };
  const drawn = { draw: randomBytes, bcrypt: countedHash() };
  const options = {
    ...stores,
    profile,
    ids,
    drawSecret: () => makeSecret(profile.apiKey, drawn),
    maxKeysPerMember: MAX_KEYS_PER_MEMBER,
  };
  const operations: Readonly<Record<ManagementHandler, Operation>> = {
    'issue-key': issueKeyOperation(options),
    'import-keys': importKeysOperation(options),
    'read-keys': readKeysOperation(options),
    'update-key': updateKeyOperation(options),
    'revoke-key': revokeKeyOperation(options),
    'revoke-keys': revokeKeysOperation({ ...options, millisecondsLeft: () => clock.millisecondsLeft }),
    'rotate-key': rotateKeyOperation(options),
    'revoke-previous-secret': revokePreviousSecretOperation(options),
    'verify-key': verifyKeyOperation({
      profile,
      verification: {
        credentials: credentialTypesOf(profile),
        store: verified,
        tokens: verified.tokenSource,
        tracking: 'nothing',
      },
    }),
    'create-invitation': createInvitationOperation({ ...options, acceptedBy }),
    'read-invitations': readInvitationsOperation(options),
    'revoke-invitation': revokeInvitationOperation(options),
    'read-events': readEventsOperation(options),
    'describe-scopes': describeScopesOperation(options),
    'describe-caller': describeCallerOperation(options),
    'create-workspace': createWorkspaceOperation(options),
    'read-workspace': readWorkspaceOperation(options),
    'update-workspace': updateWorkspaceOperation(options),
    'read-members': readMembersOperation(options),
    'put-member': putMemberOperation(options),
    'remove-member': removeMemberOperation(options),
    'issue-token': issueTokenOperation({
      ...options,
      drawSecret: ({ format }) => makeSecret({ format, storedAs: 'sha256' }, drawn),
    }),
    'read-tokens': readTokensOperation(options),
    'revoke-token': revokeTokenOperation(options),
    'create-session': createSessionOperation({
      ...options,
      consoleUrl: CONSOLE_URL,
      drawCode: async () => drawText(LINK_FORMAT),
    }),
    'exchange-session': exchangeSessionOperation({
      ...options,
      drawSecret: async () => drawText(SESSION_FORMAT),
    }),
    'end-session': endSessionOperation(options),
    'revoke-sessions': revokeSessionsOperation(options),
  };
  const noteRefusal = refusalLog(stores.events, newEventIdentity);

  const routes = managementRoutesOf(profile);
  /** A route that the product does not have is not described, and over HTTP there is none. */
  const check = (answer: SeenAnswer) => {
    const { method, path } = answer;
    if (routes.some((route) => route.method === method && route.path === path))
      assertDescribed(profile, answer);
  };

  /** @throws what is no refusal, such as `Contended`. */
  async function call(route: RouteName, { as = OPERATOR, ...asked }: Asked = {}): Promise<Answered> {
    const [method, resource] = route.split(' ');
    const found = MANAGEMENT_ROUTES.find((each) => each.method === method && each.path === resource);
    if (found === undefined) throw new Error(`There is no route ${route}.`);
    const operation = recordRefusals(operations[found.handler], noteRefusal);
    const request: ManagementCall = { event: eventOf(route, asked), caller: as, now: clock.now };
    try {
      const { status, body } = await operation(request);
      const shown = JSON.parse(JSON.stringify(body));
      check({ ...found, status, contentType: 'application/json', body: shown });
      return { status, body: shown };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { status, code, detail, members } = error.problem;
      const { headers, body } = problemResponse(error.problem, 'request-1');
      const contentType = String(headers?.['Content-Type']);
      check({ ...found, status, contentType, body: JSON.parse(body) });
      return { status, body: { code, detail, ...members } };
    }
  }

  return { ...stores, verified, profile, clock, call, ...settingUp({ call, ...stores }) };
}

export type MemoryApi = ReturnType<typeof memoryApi>;

function eventOf(route: RouteName, { path, query, headers, body }: Asked): APIGatewayProxyEvent {
  const [httpMethod, resource] = route.split(' ');
  return {
    httpMethod,
    resource,
    pathParameters: path ?? null,
    queryStringParameters: query ?? null,
    multiValueHeaders: headers ?? null,
    body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', identity: { sourceIp: SOURCE_ADDRESS } },
  } as unknown as APIGatewayProxyEvent;
}

/** What most tests begin with, made by the operator. */
function settingUp({
  call,
  keys,
  world,
}: Pick<ReturnType<typeof memoryStores>, 'keys' | 'world'> & {
  call(route: RouteName, asked?: Asked): Promise<Answered>;
}) {
  async function made(route: RouteName, asked: Asked): Promise<Answered['body']> {
    const { status, body } = await call(route, asked);
    if (status !== 200 && status !== 201) throw new Error(`${route}: ${status} ${body.detail}`);
    return body;
  }
  return {
    /** Makes a workspace with its owner, `usr_owner`, and others by their roles. */
    async addWorkspace(slug: string, members: Readonly<Record<string, Role>> = {}): Promise<void> {
      await made('POST /v1/workspaces', { body: { slug, name: 'Acme', created_by: 'usr_owner' } });
      for (const [user_id, role] of Object.entries(members))
        await made('PUT /v1/workspaces/{workspace}/members/{user_id}', {
          path: { workspace: slug, user_id },
          body: { role },
        });
    },
    /** Issues a key, by the operator in the name of the owner unless the fields or `as` say otherwise. */
    async addKey(workspace: string, fields: object = {}, as: Caller = OPERATOR): Promise<ApiKey> {
      const creator = as.kind === 'management_key' ? { created_by: 'usr_owner' } : {};
      const body = { name: 'ci', scopes: ['read:all'], ...creator, ...fields };
      const { key } = await made('POST /v1/workspaces/{workspace}/keys', { as, path: { workspace }, body });
      const issued = await keys.get({ workspace, id: key.id });
      if (issued === undefined) throw new Error('The key is not there.');
      return issued;
    },
    /** The events of one log, in the order in which they were written. */
    eventsIn(log: string): readonly AuditEvent[] {
      return world.events.filter(({ workspace }) => workspace === log);
    },
  };
}
