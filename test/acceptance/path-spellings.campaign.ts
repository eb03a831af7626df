import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ASSUMED_READING, type PathReading } from '../../local/index.ts';
import { scaled } from '../campaigns/campaign.ts';
import { send } from '../local/http.ts';
import { manager, signIn, startProduct, type TestProduct } from '../product.ts';

/** Every way in which API Gateway might read a path, of which the documentation tells none. */
const READINGS: PathReading[] = (['ignored', 'counts'] as const).flatMap((endingSlash) =>
  (['merged', 'counts'] as const).flatMap((doubledSlash) =>
    (['decoded', 'as_sent'] as const).flatMap((fixedParts) =>
      (['slash', 'letter'] as const).flatMap((encodedSlash) =>
        (['path', 'resource'] as const).map((invokedFor) => ({
          endingSlash,
          doubledSlash,
          fixedParts,
          encodedSlash,
          invokedFor,
        })),
      ),
    ),
  ),
);

let reading = ASSUMED_READING;
let standard: TestProduct;
let socialcrm: TestProduct;
let secret: string;
let narrow: string;
let person: string;
beforeAll(async () => {
  const overrides = { pathReading: () => reading };
  [standard, socialcrm] = await Promise.all([
    startProduct('standard', overrides),
    startProduct('socialcrm', overrides),
  ]);
  secret = (await manager(standard).issue({ scopes: ['read:all'] })).body.secret;
  narrow = (await manager(standard).issue({ scopes: ['write:all'] })).body.secret;
  person = await signIn(standard, standard.users.owner);
});
afterAll(async () => {
  await Promise.all([standard?.stop(), socialcrm?.stop()]);
});

const encode = (text: string) => `%${text.charCodeAt(0).toString(16)}`;

/** Twists the spelling of a path: each of these is one that a client, a proxy or an attacker writes. */
const TWISTS: ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replace(/\/(\w)/, (_, letter: string) => `/${encode(letter)}`),
  (path) => path.replace(/(\w)$/, (letter) => encode(letter)),
  (path) => path.replace(/\w/g, (letter) => encode(letter).toUpperCase()),
  (path) => `/${path.slice(1).replaceAll('/', '%2F')}`,
  (path) => `${path}%2F`,
  (path) => `${path}/.`,
  (path) => `${path}/..`,
  (path) => `/.${path}`,
  (path) => `${path}/%2e%2e`,
  (path) => `${path};a=b`,
  (path) => `${path}/*`,
  (path) => path.replace(/\w$/, '*'),
  (path) => path.replace(/\w$/, '%3F'),
  (path) => `${path}/$%7Baws:username%7D`,
  (path) => `${path}%00`,
  (path) => `${path}%20`,
  (path) => path.toUpperCase(),
  (path) => `${path}?x=/`,
  (path) => `${path}%`,
];

/** The reading under which most paths lead somewhere, and the one under which fewest do. */
const LOOSEST: PathReading = {
  endingSlash: 'ignored',
  doubledSlash: 'merged',
  fixedParts: 'decoded',
  encodedSlash: 'slash',
  invokedFor: 'path',
};
const STRICTEST: PathReading = {
  endingSlash: 'counts',
  doubledSlash: 'counts',
  fixedParts: 'as_sent',
  encodedSlash: 'letter',
  invokedFor: 'resource',
};

interface Caller {
  readonly credential?: string | undefined;
  /** How the plain path is answered. */
  readonly status: number;
}

interface Route {
  readonly url: () => string;
  readonly path: string;
  readonly body?: string;
  readonly callers: () => readonly Caller[];
}

/** 400 is a path in no proper encoding. */
const NOWHERE = [404, 400];

/** A part of the campaign tries each twist under one of these readings, the whole campaign under all of them. */
const MARKED = [STRICTEST, ASSUMED_READING, LOOSEST];
const READINGS_EACH = scaled({ part: 1, whole: MARKED.length });
const TWO_AT_ONCE = scaled({ part: 10, whole: 20 });

/** Tries every twist of a path under marked readings, and by chance two at once under all readings. */
async function surprisesOf({ url, path, body, callers }: Route): Promise<unknown[]> {
  const surprises: unknown[] = [];
  const statuses = new Set<number>();
  const check = async (spelled: string) => {
    for (const { credential, status } of callers()) {
      const headers = credential === undefined ? [] : [['Authorization', `Bearer ${credential}`] as const];
      const sent = body === undefined ? { headers } : { headers, method: 'POST', body };
      const answer = await send(url() + spelled, sent);
      statuses.add(answer.status);
      if (![status, ...NOWHERE].includes(answer.status))
        surprises.push({ spelled, reading, status, answered: answer.status });
    }
  };
  for (const [index, twist] of TWISTS.entries())
    for (let turn = 0; turn < READINGS_EACH; turn += 1) {
      reading = MARKED[(index + turn) % MARKED.length] ?? ASSUMED_READING;
      await check(twist(path));
    }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TWISTS),
      fc.constantFrom(...TWISTS),
      fc.constantFrom(...READINGS),
      (one, other, read) => {
        reading = read;
        return check(other(one(path)));
      },
    ),
    { numRuns: TWO_AT_ONCE },
  );
  reading = ASSUMED_READING;
  // Neither all of it works nor nothing: the spellings are near enough.
  expect([...statuses]).toEqual(expect.arrayContaining([404, ...callers().map(({ status }) => status)]));
  return surprises;
}

const management = () => standard.managementUrl;
const MCP = { url: () => socialcrm.apiUrl, path: '/api/mcp-app' };
const message = (method: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method });

const ROUTES: Record<string, Route> = {
  'a route behind the authorizer': {
    url: () => standard.apiUrl,
    path: '/users',
    callers: () => [
      { credential: secret, status: 200 },
      { credential: narrow, status: 403 },
      { status: 401 },
    ],
  },
  'a route with a parameter': {
    url: () => standard.apiUrl,
    path: '/users/user-1',
    callers: () => [
      { credential: secret, status: 200 },
      { credential: narrow, status: 403 },
      { status: 401 },
    ],
  },
  'a route of the management API': {
    url: management,
    path: '/v1/me',
    callers: () => [
      { credential: standard.managementKey, status: 200 },
      { credential: person, status: 200 },
      { status: 401 },
    ],
  },
  'one with parameters': {
    url: management,
    path: '/v1/workspaces/acme/keys',
    callers: () => [
      { credential: standard.managementKey, status: 200 },
      { credential: person, status: 200 },
      { credential: narrow, status: 403 },
      { status: 401 },
    ],
  },
  'a public document': {
    url: () => socialcrm.apiUrl,
    path: '/mcp.json',
    callers: () => [{ status: 200 }, { credential: secret, status: 200 }],
  },
  'a public method of MCP': { ...MCP, body: message('ping'), callers: () => [{ status: 200 }] },
  'a tool of MCP': { ...MCP, body: message('tools/list'), callers: () => [{ status: 401 }] },
};

describe('however a path is spelled, and however API Gateway reads it, a call is answered as the plain one or there is no such resource', () => {
  test.each(Object.keys(ROUTES))('%s', async (name) => {
    expect(await surprisesOf(ROUTES[name] as Route)).toEqual([]);
  });
});

test('HEAD and OPTIONS are no methods of a path unless they are added: there is no resource with this path and method', async () => {
  for (const [url, credential] of [
    [`${standard.apiUrl}/users`, secret],
    [`${standard.managementUrl}/v1/me`, standard.managementKey],
  ] as const)
    for (const method of ['HEAD', 'OPTIONS', 'TRACE'])
      for (const headers of [[], [['Authorization', `Bearer ${credential}`] as const]]) {
        const answer = await send(url, { method, headers });
        expect([method, answer.status]).toEqual([method, 404]);
        if (method === 'OPTIONS')
          expect(answer.json()).toMatchObject({
            code: 'not_found',
            detail: expect.stringMatching(/^There is no resource with this path and method\./),
          });
      }
});
