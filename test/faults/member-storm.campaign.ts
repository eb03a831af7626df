import { afterAll, beforeAll, describe } from '@jest/globals';
import { modernCall } from '../acceptance/supersonic.ts';
import { scaled } from '../campaigns/campaign.ts';
import { sweepEarly } from './calm.ts';
import {
  issueTo,
  type MemberStorm,
  newPerson,
  type Person,
  putRole,
  remove,
  revokeOf,
  useOf,
} from './member-storm.ts';
import { drawFrom, rage, type Storm, startStorm } from './storm.ts';
import { keepsPromises } from './storm-promises.ts';

const LONG = 400_000;
const WORKERS = scaled({ part: 3, whole: 8 });
const CHANGES_EACH = scaled({ part: 4, whole: 50 });
/** The one that every product starts with. */
const WORKSPACE = 'acme';

/** What is a product's own. */
type Ways = Omit<MemberStorm, 'storm' | 'workspace'>;

/** Keys act with their creator's role, and end with their membership. */
const SUPERSONIC: Ways = {
  powerOf: (role) => (role === 'member' ? 'read' : 'write'),
  removalRevokes: true,
  credentialsPath: () => `/v1/workspaces/${WORKSPACE}/keys`,
  newCredential: ({ userId }) => ({ name: 'storm', created_by: userId }),
  request(needs) {
    const [body, headers] =
      needs === 'read' ? modernCall('records.list') : modernCall('analytics.track', { event: 'storm' });
    return { path: '/', body, headers };
  },
};

/** Tokens are their user's: they lose the workspace that was left, and have it again when their user is back. */
const SOPHIC: Ways = {
  powerOf: () => 'write',
  removalRevokes: false,
  credentialsPath: ({ userId }) => `/v1/users/${userId}/tokens`,
  newCredential: () => ({ name: 'storm', scopes: ['read', 'capture'] }),
  request: () => ({ path: '/api/v1/documents', headers: { 'x-sophic-workspace': WORKSPACE } }),
};

/** In a part of the campaign, the one whose changes reach the most. */
const PRODUCTS = (
  [
    ['supersonic', SUPERSONIC],
    ['sophic', SOPHIC],
  ] as const
).slice(0, scaled({ part: 1, whole: 2 }));

describe.each(PRODUCTS)('%s: in a storm', (profileName, ways) => {
  let storm: Storm;
  let members: MemberStorm;
  const people = ['ada', 'bob', 'cyd', 'dan'].map((name) => newPerson(`usr_${name}`));
  beforeAll(async () => {
    storm = await startStorm(profileName);
    members = { ...ways, storm, workspace: WORKSPACE };
    for (const person of people) {
      await putRole(members, person, 'admin');
      await issueTo(members, person);
    }
    await rage(storm, { workers: WORKERS, changesEach: CHANGES_EACH, callers: WORKERS, work, call: useAny });
  }, LONG);
  afterAll(() => storm.product.stop());

  /** Those that came last: what was revoked long ago is not asked for for ever. */
  const newest = ({ credentials }: Person) => credentials.slice(-4);

  async function useAny(random: () => number): Promise<void> {
    const credential = drawFrom(people.flatMap(newest), random);
    await useOf(members, credential, random);
  }

  async function work(random: () => number): Promise<void> {
    const person = drawFrom(people, random);
    const drawn = random();
    if (drawn < 0.05) return void (await sweepEarly(storm.product.tables));
    if (drawn < 0.3) return issueTo(members, person);
    const [oldest] = newest(person);
    if (drawn < 0.75) await putRole(members, person, drawFrom(['owner', 'admin', 'member'] as const, random));
    else if (drawn < 0.9 || oldest === undefined) await remove(members, person);
    else await revokeOf(members, person, oldest);
    // The very next requests: what was answered as done holds for all that is theirs.
    for (const credential of newest(person)) await useOf(members, credential, random);
  }

  keepsPromises({
    storm: () => storm,
    refusals: ['remove: 404 not_found', 'issue: 404 not_found'],
    isFinishedByRepeating: () => true,
    async tryAll() {
      for (const credential of people.flatMap(newest)) {
        await useOf(members, credential, () => 0);
        await useOf(members, credential, () => 0.9);
      }
    },
  });
});
