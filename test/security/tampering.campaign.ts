import { afterAll, beforeAll, expect } from '@jest/globals';
import { scaled } from '../campaigns/campaign.ts';
import { send as sendHttp } from '../local/http.ts';
import { type Answer, memoryOf, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { drawnFor } from './drawn.ts';
import { tallied } from './tally.ts';
import { operatorOf, type Tenant } from './tenants.ts';

/** For each list, and for each kind of id. */
const ROUNDS = scaled({ part: 4, whole: 150 });
const tally = tallied(
  'Ids and cursors that were tampered with lead nowhere: never to another tenant’s, never to a 500',
);

let product: TestProduct;
let own: Tenant;
let rival: Tenant;
/** What an owner of the workspace presents, who has signed in. */
let person: string;
beforeAll(async () => {
  product = await startProduct('sophic');
  const operator = operatorOf(product);
  const owner = 'usr_rivalOwner0000000000';
  await operator.ask('POST /workspaces', { slug: 'rival', name: 'Rival', created_by: owner });
  await operator.ask('PUT /workspaces/rival/members/usr_rivalMember000000000', { role: 'member' });
  own = await operator.tenant('acme', product.users.owner, product.users.owner);
  rival = await operator.tenant('rival', owner, owner);
  for (const tenant of [own, rival]) {
    for (let count = 0; count < 4; count += 1) {
      await operator.issueKey(tenant, 'reading');
      await operator.issueToken(tenant.owner);
      await operator.ask(`POST /workspaces/${tenant.workspace}/invitations`, {
        email: `a${count}@${tenant.workspace}.example`,
        role: 'member',
      });
    }
  }
  person = await signIn(product, product.users.owner);
});
afterAll(() => product.stop());

const ask = (path: string, credential = person): Promise<Answer> => {
  tally.count('requests');
  return send(`${product.managementUrl}/v1${path}`, { credential });
};

/** Every list that can be read page by page, with the ids that it holds. */
const LISTS = [
  ['keys', () => '/workspaces/acme/keys', 'id'],
  ['members', () => '/workspaces/acme/members', 'user_id'],
  ['invitations', () => '/workspaces/acme/invitations', 'id'],
  ['tokens', () => '/me/tokens', 'id'],
] as const;

type List = (typeof LISTS)[number][0];

async function cursorsOf(tenant: Tenant, credential: string): Promise<Record<List, string>> {
  const paths = { tokens: `/users/${tenant.owner}/tokens` } as Partial<Record<List, string>>;
  const entries = await Promise.all(
    LISTS.map(async ([list]) => {
      const { body } = await ask(
        `${paths[list] ?? `/workspaces/${tenant.workspace}/${list}`}?limit=1`,
        credential,
      );
      return [list, body.next_cursor] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<List, string>;
}

const HARMLESS = [200, 400, 404];

/** What belongs to the other tenant must not be in any answer. */
function expectHarmless({ status, body }: Answer, what: string): void {
  if (!HARMLESS.includes(status)) throw new Error(`${what}: ${status}`);
  const text = JSON.stringify(body);
  for (const id of [rival.workspace, rival.owner, rival.ids.key, rival.ids.invitation, rival.ids.token])
    expect(text).not.toContain(id);
}

const decoded = (cursor: string) => Buffer.from(cursor, 'base64url').toString('utf8');
const encoded = (text: string) => Buffer.from(text).toString('base64url');

tally.test('a cursor of another tenant’s list, or of another list, shows nothing of theirs', async () => {
  const { managementKey } = product;
  const [ours, theirs] = [await cursorsOf(own, managementKey), await cursorsOf(rival, managementKey)];
  for (const [list, path] of LISTS)
    for (const [name, cursors] of [
      ['own', ours],
      ['rival', theirs],
    ] as const)
      for (const [of, cursor] of Object.entries(cursors)) {
        tally.count('cursors');
        const answer = await ask(`${path()}?limit=100&cursor=${encodeURIComponent(cursor)}`);
        expectHarmless(answer, `${list}: ${name} ${of}`);
        // A member's id may be anybody's text, so the cursors of the other lists are some as well.
        if (of !== list && list !== 'members') expect(answer.status).toBe(400);
      }
});

tally.test('a cursor with any bit changed is one of the same list’s, or is refused', async () => {
  const drawn = drawnFor('cursors');
  const ours = await cursorsOf(own, product.managementKey);
  const before = await memoryOf(product, 'any');
  for (const [list, path, idName] of LISTS) {
    const all = (await ask(`${path()}?limit=100`)).body[list].map(
      (item: Record<string, string>) => item[idName],
    );
    const text = decoded(ours[list]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = Buffer.from(text);
      const at = drawn.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << drawn.below(8));
      const twisted = drawn.from([
        () => bytes.toString('base64url'),
        () => encoded(text.slice(0, drawn.below(text.length))),
        () => encoded(text + drawn.from(['0', '#', '\0', '\n', 'WS#rival', text])),
        () => encoded(`${drawn.from(['WS#rival', 'KEY#', 'MEMBER#', 'TOKEN#', '../', '*'])}${text}`),
        () => Buffer.from(drawn.bytes(drawn.below(60))).toString('base64'),
        () => `${ours[list]}${'A'.repeat(drawn.below(7_000))}`,
        () => encoded(JSON.stringify({ pk: { S: 'WS#rival' }, sk: { S: 'KEY#' } })),
        () => encoded('key_'.padEnd(drawn.below(5_000), 'z')),
      ])();
      tally.count('cursors');
      const answer = await ask(`${path()}?limit=100&cursor=${encodeURIComponent(twisted)}`);
      expectHarmless(answer, `${list}: ${twisted.slice(0, 60)}`);
      if (answer.status === 200) for (const item of answer.body[list]) expect(all).toContain(item[idName]);
    }
  }
  expect(await memoryOf(product, 'any')).toEqual(before);
});

/** What may be put where a path names something. */
const ODD = [
  ...[
    '',
    '%00',
    '%20',
    '.',
    '..',
    '%2e%2e',
    '%2f',
    '..%2f..%2frival',
    '%23',
    'WS%23rival',
    'KEY%23',
    '%0a',
    '%0d%0a',
  ],
  ...[
    '%ff',
    '%c0%af',
    '%ed%a0%80',
    '%f0%9f%94%91',
    '*',
    '{key}',
    '$context.requestId',
    '%7b%7d',
    '__proto__',
    '%25',
  ],
  ...[
    '%2525',
    'a'.repeat(4_000),
    '%E2%80%AE',
    "'%20OR%201=1",
    '%22',
    '%5c',
    ';',
    '?',
    '%3f',
    '+',
    'null',
    '0',
    '-1',
  ],
];

tally.test('an id with anything changed is nothing that exists, or is refused', async () => {
  const drawn = drawnFor('ids');
  const before = await memoryOf(product, 'any');
  const kinds = [
    ['key', (id: string) => `/workspaces/acme/keys/${id}`],
    ['workspace', (id: string) => `/workspaces/${id}/keys/${own.ids.key}`],
    ['user_id', (id: string) => `/users/${id}/tokens`],
  ] as const;
  for (const [kind, path] of kinds) {
    const right = own.ids[kind];
    const other = rival.ids[kind];
    for (let round = 0; round < ROUNDS + ODD.length; round += 1) {
      const at = drawn.below(right.length);
      const id =
        ODD[round] ??
        drawn.from([
          right.slice(0, at) + drawn.from([...'0Zz_-.~%#/']) + right.slice(at + 1),
          right.slice(0, at) + right.slice(at + 1),
          right + drawn.from(['0', '/', '%20', '%']),
          right.toUpperCase(),
          `${right}/${other}`,
          `${other}%2f..%2f${right}`,
          `${right}%00${other}`,
          `${right},${other}`,
        ]);
      if (id === right) continue;
      tally.count('ids');
      const url = `${product.managementUrl}/v1${path(id)}`;
      const { status, text } = await sendExactly(url, product.managementKey);
      // A path that is one of another route is answered there; never with what is somebody's.
      if (!HARMLESS.includes(status)) throw new Error(`${kind} ${id.slice(0, 60)}: ${status}`);
      expect(text).not.toContain(other);
    }
  }
  expect(await memoryOf(product, 'any')).toEqual(before);
});

/** `fetch` would tidy the path up. */
async function sendExactly(url: string, credential: string): Promise<{ status: number; text: string }> {
  return sendHttp(url, { headers: [['Authorization', `Bearer ${credential}`]] });
}
