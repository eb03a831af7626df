import { isAbsolute } from 'node:path';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { LocalProduct, Overrides, SynthesizedProduct } from '../bin/local-product.ts';
import type { AuditEvent, RefusedEvent } from '../core/audit/audit-event.ts';
import { loadProfile } from '../lib/files/profile-file.ts';
import { assertDescribed } from './described-answers.ts';
import { patientAssembly } from './patient-assembly.ts';
import { borrowProduct, managedProfileAt, startOwnProduct, type TestProduct } from './running-products.ts';
import { sharedAssembly } from './shared-assembly.ts';

export type { TestProduct };

/**
 * A product on free ports, in a namespace of its own of the shared DynamoDB Local. One that starts as others do is borrowed: it may
 * have served another suite of this worker before.
 * @param overrides what is laid over the run; the operator's own client meets none of its faults.
 */
export async function startProduct(
  profileName = 'standard',
  overrides: Overrides = {},
): Promise<TestProduct> {
  const { profile } = loadProfile(profileName);
  const product = { profile, assemblyDirectory: await sharedAssembly(profileName) };
  const isShared = !isAbsolute(profileName) && overrides.intercept === undefined;
  return isShared ? borrowAssembly(product, overrides) : startAssembly(product, overrides);
}

/** A product whose functions have time: for suites that fill the machine by themselves, such as those with a browser. */
export async function startPatientProduct(profileName: string): Promise<TestProduct> {
  const { profile } = loadProfile(profileName);
  return borrowAssembly({ profile, assemblyDirectory: await patientAssembly(profileName) });
}

/** Runs what a test has synthesized itself. */
export async function startAssembly(
  product: SynthesizedProduct,
  overrides: Overrides = {},
): Promise<TestProduct> {
  return startOwnProduct({ product, dynamodbEndpoint: dynamoDbEndpoint(), overrides });
}

/** Borrows what several suites run: a product of `sharedAssembly`. */
export async function borrowAssembly(
  product: SynthesizedProduct,
  overrides: Overrides = {},
): Promise<TestProduct> {
  return borrowProduct({ product, dynamodbEndpoint: dynamoDbEndpoint(), overrides });
}

function dynamoDbEndpoint(): string {
  const endpoint = process.env.KEYWARD_TEST_DYNAMODB;
  if (endpoint === undefined) throw new Error("jest's global setup has not run.");
  return endpoint;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly body: any;
}

/** Texts and bytes are sent as they are. */
function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** Sends JSON, and reads the answer's. Every answer of a management API has to be one that the API's description has. */
export async function send(
  url: string,
  {
    method,
    credential,
    body,
    headers,
  }: {
    readonly method?: string | undefined;
    readonly credential?: string | undefined;
    readonly body?: unknown;
    readonly headers?: Record<string, string> | undefined;
  } = {},
): Promise<Answer> {
  const usedMethod = method ?? (body === undefined ? 'GET' : 'POST');
  const response = await fetch(url, {
    method: usedMethod,
    headers: { ...(credential !== undefined && { Authorization: `Bearer ${credential}` }), ...headers },
    ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers: answered } = response;
  const answer: Answer = { status, headers: answered, body: text === '' ? null : JSON.parse(text) };
  assertAnswerDescribed(url, usedMethod, answer);
  return answer;
}

/** Pages of other origins ask by OPTIONS first, which API Gateway answers by itself. */
function assertAnswerDescribed(url: string, method: string, { status, headers, body }: Answer): void {
  const managed = managedProfileAt(url);
  if (managed === undefined || method === 'OPTIONS') return;
  const [path = ''] = managed.path.split(/[?#]/);
  assertDescribed(managed.profile, { method, path, status, contentType: headers.get('content-type'), body });
}

/**
 * Signs somebody in at the development issuer, as a script does.
 * @param username a user id, or an e-mail address.
 * @returns their access token.
 */
export async function signIn({ issuerUrl }: LocalProduct, username: string): Promise<string> {
  const discovered = await send(`${issuerUrl}/.well-known/openid-configuration`);
  const form = new URLSearchParams({ grant_type: 'password', username });
  const response = await fetch(discovered.body.token_endpoint, { method: 'POST', body: form });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`${username} could not sign in: ${response.status}.`);
  return access_token;
}

/** One workspace of a product, and how to reach it. */
export type ReachableWorkspace = Pick<
  LocalProduct,
  'managementUrl' | 'managementKey' | 'workspace' | 'users'
>;

/** Makes another workspace, through the API; its owner is all its users at once. */
export async function newWorkspace(product: LocalProduct, slug: string): Promise<ReachableWorkspace> {
  const { managementUrl, managementKey } = product;
  const owner = `owner-of-${slug}`;
  const body = { slug, name: slug, plan: 'enterprise', created_by: owner };
  const answer = await send(`${managementUrl}/v1/workspaces`, { credential: managementKey, body });
  if (answer.status !== 201) throw new Error(`The workspace ${slug} was not made: ${answer.status}.`);
  return { managementUrl, managementKey, workspace: slug, users: { owner, admin: owner, member: owner } };
}

/** A client of the management API of one workspace. */
export function manager(
  { managementUrl, managementKey, workspace, users }: ReachableWorkspace,
  credential = managementKey,
) {
  const keys = `${managementUrl}/v1/workspaces/${workspace}/keys`;
  return {
    keys,
    issue: (fields: object = {}) =>
      send(keys, {
        credential,
        body: {
          name: 'test',
          scopes: ['read:all'],
          ...(credential === managementKey && { created_by: users.owner }),
          ...fields,
        },
      }),
    list: (query = '') => send(`${keys}${query}`, { credential }),
    get: (id: string) => send(`${keys}/${id}`, { credential }),
    update: (id: string, body: unknown) => send(`${keys}/${id}`, { method: 'PATCH', credential, body }),
    revoke: (id: string) => send(`${keys}/${id}/revoke`, { method: 'POST', credential }),
    revokeMany: (body: object) => send(`${keys}/revoke`, { credential, body }),
    rotate: (id: string, overlapSeconds: number) =>
      send(`${keys}/${id}/rotate`, { credential, body: { overlap_seconds: overlapSeconds } }),
    revokePrevious: (id: string) =>
      send(`${keys}/${id}/previous-secret/revoke`, { method: 'POST', credential }),
    verify: (body: object) => send(`${managementUrl}/v1/keys/verify`, { credential, body }),
  };
}

export type StoredItem = Readonly<Record<string, unknown>>;

/** Everything that a table holds, in the order of its keys. */
export async function itemsOf({ tables }: LocalProduct, tableName: string): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  const pages = paginateScan({ client: tables.client }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item)));
  const place = ({ pk, sk, id }: StoredItem) => `${pk} ${sk ?? id}`;
  return items.sort((one, other) => (place(one) < place(other) ? -1 : 1));
}

/** What the audit log tells of changes, oldest first within each workspace. */
export async function eventsOf(product: LocalProduct): Promise<AuditEvent[]> {
  return (await auditLog(product)).filter(({ outcome }) => outcome === 'done');
}

/** What it tells of calls that were refused. */
export async function refusalsOf(product: LocalProduct): Promise<RefusedEvent[]> {
  return (await auditLog(product)).filter((event) => event.outcome === 'refused');
}

async function auditLog(product: LocalProduct): Promise<AuditEvent[]> {
  return (await itemsOf(product, product.tables.events)) as unknown as AuditEvent[];
}

/**
 * Keyward's whole memory, for telling whether a request has changed anything. That somebody was refused is noted in the audit
 * log, and is no part of it.
 * @param callers the API keys whose use may be noted meanwhile, as that of the management key always is; or `any`.
 */
export async function memoryOf(
  product: LocalProduct,
  callers: readonly string[] | 'any' = [],
): Promise<readonly StoredItem[]> {
  const { records, secrets, events, managementKeys } = product.tables;
  const tables = [records, secrets, events, managementKeys];
  const items = await Promise.all(tables.map((name) => itemsOf(product, name)));
  const isCaller = ({ kind, credentialId }: StoredItem) =>
    kind === 'management_key' || callers === 'any' || callers.includes(String(credentialId));
  return items
    .flat()
    .filter(({ pk, outcome }) => outcome !== 'refused' && !String(pk).startsWith('REFUSED#'))
    .map((item) => (isCaller(item) ? { ...item, lastUsedAt: undefined } : item));
}
