import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type ManagementRoute, managementRoutesOf } from '../../core/management/route.ts';
import { scaled } from '../campaigns/campaign.ts';
import { type Answer, memoryOf, send, startProduct, type TestProduct } from '../product.ts';
import { type Caller, callersOf, type Expected, expectedOf } from './callers.ts';
import { goodBodies } from './good-bodies.ts';
import { tallied } from './tally.ts';
import { MISSING, operatorOf, type Tenant } from './tenants.ts';

const PROFILES = ['standard', 'sophic', 'supersonic'].slice(0, scaled({ part: 2, whole: 3 }));

/** In a part of the campaign, of those who are turned away at the door, one stands for all. */
const IS_WHOLE = scaled({ part: 0, whole: 1 }) === 1;
const isTried = ({ inForce, name }: Caller) => IS_WHOLE || inForce === 'yes' || name === 'nobody';

/** In a part of the campaign, routes that every product has are tried with the first one alone. */
const isOwn = (profileName: string, route: ManagementRoute) =>
  IS_WHOLE || profileName === PROFILES[0] || route.needs !== undefined;

const tally = tallied(
  'No caller reaches anything of another tenant, or learns about it: every route, every kind of caller',
);

/** Comes before anything is acted on, and is refused. */
const STRAY = { unknown_to_all: true };

const STATUSES = { unauthorized: 401, insufficient_scope: 403, forbidden: 403, not_found: 404 } as const;

describe.each(PROFILES)('%s', (profileName) => {
  let product: TestProduct;
  let routes: readonly ManagementRoute[];
  let own: Tenant;
  let rival: Tenant;
  let callers: Caller[];
  beforeAll(async () => {
    product = await startProduct(profileName);
    routes = managementRoutesOf(product.profile).filter((route) => isOwn(profileName, route));
    const operator = operatorOf(product);
    const [owner, member] = ['usr_rivalOwner0000000000', 'usr_rivalMember000000000'];
    await operator.ask('POST /workspaces', { slug: 'rival', name: 'Rival', created_by: owner });
    await operator.ask(`PUT /workspaces/rival/members/${member}`, { role: 'member' });
    own = await operator.tenant('acme', product.users.owner, product.users.member);
    rival = await operator.tenant('rival', owner, member);
    callers = await callersOf(product, own, rival);
  });
  afterAll(() => product.stop());

  /** All that is stored, but for what is noted about callers who were turned away. */
  const memory = async () => (await memoryOf(product, 'any')).filter(({ outcome }) => outcome !== 'refused');

  const call = (
    { credential }: Caller,
    { method, path }: ManagementRoute,
    { ids, body }: { ids: Readonly<Record<string, string>>; body: object | undefined },
  ): Promise<Answer> => {
    tally.count('calls');
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '');
    const hasBody = method !== 'GET' && body !== undefined;
    return send(product.managementUrl + filled, {
      method,
      ...(credential !== undefined && { credential }),
      ...(hasBody && { body }),
    });
  };

  const goodBody = ({ handler }: ManagementRoute) => goodBodies(product.profile)[handler];

  tally.test(
    'every caller gets from every route what the table says, and who is refused changes nothing',
    async () => {
      for (const caller of callers.filter(isTried)) {
        const before = await memory();
        for (const route of routes) {
          tally.count('routes × callers');
          const expected = expectedOf(caller, route, own.workspace);
          const body = expected === 'reached' ? STRAY : goodBody(route);
          const answer = await call(caller, route, { ids: own.ids, body });
          const what = `${caller.name}: ${route.method} ${route.path}`;
          expect({ what, ...outcomeOf(answer, expected) }).toEqual({ what, ...wantedFrom(route, expected) });
          if (caller.workspace !== rival.workspace && caller.kind !== 'operator')
            expectNothingOf(rival, answer);
        }
        expect({ after: caller.name, memory: await memory() }).toEqual({
          after: caller.name,
          memory: before,
        });
      }
    },
  );

  tally.test(
    'what another tenant has, and what nobody has, look the same from outside, and neither changes',
    async () => {
      const before = await memory();
      const outsiders = callers.filter(
        (caller) => isTried(caller) && caller.kind !== 'operator' && caller.workspace !== rival.workspace,
      );
      for (const caller of outsiders)
        for (const route of routes.filter(({ path }) => path.includes('{')))
          await expectSame(caller, route, [rival.ids, MISSING]);
      expect(await memory()).toEqual(before);
    },
  );

  tally.test(
    "another tenant's ids lead nowhere from within one's own workspace, for operators as well",
    async () => {
      const before = await memory();
      const insiders = callers.filter(
        (caller) => isTried(caller) && (caller.kind === 'operator' || caller.workspace === own.workspace),
      );
      for (const caller of insiders)
        for (const route of routes.filter(({ path }) => /\{(key|invitation|token)\}/.test(path))) {
          const { key, invitation, token } = rival.ids;
          const answer = await expectSame(caller, route, [
            { ...own.ids, key, invitation, token },
            { ...MISSING, workspace: own.ids.workspace, user_id: own.ids.user_id },
          ]);
          expect(answer.status).toBeGreaterThanOrEqual(400);
        }
      expect(await memory()).toEqual(before);
    },
  );

  async function expectSame(
    caller: Caller,
    route: ManagementRoute,
    [existing, missing]: readonly [Tenant['ids'], Tenant['ids']],
  ): Promise<Answer> {
    const body = goodBody(route);
    const [one, other] = [
      await call(caller, route, { ids: existing, body }),
      await call(caller, route, { ids: missing, body }),
    ];
    const what = `${caller.name}: ${route.method} ${route.path}`;
    expect({ what, ...withoutItsOwn(one) }).toEqual({ what, ...withoutItsOwn(other) });
    return one;
  }
});

/** What a caller can tell two answers apart by. */
function withoutItsOwn({ status, headers, body }: Answer) {
  const told = ['content-type', 'cache-control', 'www-authenticate', 'content-length', 'retry-after'];
  return { status, headers: told.map((name) => headers.get(name)), body: { ...body, request_id: '' } };
}

function expectNothingOf({ ids, owner }: Tenant, { body }: Answer): void {
  const text = JSON.stringify(body);
  for (const foreign of [ids.key, ids.user_id, ids.invitation, owner]) expect(text).not.toContain(foreign);
}

function outcomeOf({ status, body }: Answer, expected: Expected) {
  return expected === 'reached' ? { status } : { status, code: body.code };
}

/** A call that is let through is read, or meets what is wrong with its body. */
function wantedFrom({ method }: ManagementRoute, expected: Expected) {
  if (expected === 'reached') return { status: method === 'GET' ? 200 : 400 };
  return { status: STATUSES[expected], code: expected };
}
