import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { report, scaled } from '../campaigns/campaign.ts';
import { itemsOf, type StoredItem, send } from '../product.ts';
import { sweepAll, sweepEarly } from './calm.ts';
import { disagreements, readMemory } from './stored-agreement.ts';
import { drawFrom, rage, type Storm, startStorm, triedIn } from './storm.ts';

const LONG = 400_000;
const WORKERS = scaled({ part: 3, whole: 8 });
const REQUESTS_EACH = scaled({ part: 6, whole: 120 });
/** How often a client gives up on an answer that was on its way, as if the network had lost it. */
const LOST_SHARE = 0.3;
/** Within this time. Milliseconds. */
const GIVES_UP_MS = 400;
const MOST_ATTEMPTS = 200;
/** Other answers say nothing of the request: it is sent again. */
const PASSING = ['503 unavailable', '503 change_in_progress', '409 conflict'];

/** What is asked for, and the event that tells of it. */
interface Asked {
  readonly path: string;
  readonly body: object;
  readonly type: string;
  /** The log that has the event. */
  readonly log: string;
  /** What the event names, where it is there already. */
  readonly keyId?: string;
}

/** A request, and what its client was told at last. */
interface Told extends Asked {
  readonly answer: string;
  readonly madeId: string;
}

let storm: Storm;
const told: Told[] = [];
let attempts = 0;
let lostAnswers = 0;

beforeAll(async () => {
  storm = await startStorm('sophic');
  await rage(storm, { workers: WORKERS, changesEach: REQUESTS_EACH, callers: 0, work, call: async () => {} });
  await sweepAll(storm.product.tables);
}, LONG);
afterAll(() => storm.product.stop());

const ASKS: readonly ((name: string, random: () => number) => Promise<Asked>)[] = [
  async (name) => ({
    path: '/v1/workspaces',
    body: { slug: name, name, created_by: storm.product.users.owner },
    type: 'workspace.created',
    log: name,
  }),
  async (name) => ({
    path: '/v1/workspaces/acme/keys',
    body: { name, scopes: ['read'], created_by: storm.product.users.owner },
    type: 'key.issued',
    log: 'acme',
  }),
  async (name) => ({
    path: '/v1/workspaces/acme/invitations',
    body: { email: `${name}@example.com`, role: 'member' },
    type: 'invitation.created',
    log: 'acme',
  }),
  async (name) => ({
    path: `/v1/users/${storm.product.users.owner}/tokens`,
    body: { name, scopes: ['read'] },
    type: 'token.issued',
    log: `USER#${storm.product.users.owner}`,
  }),
  async (name, random) => {
    const { madeId: keyId } = await repeat(await issueOf(name), random);
    return {
      path: `/v1/workspaces/acme/keys/${keyId}/rotate`,
      body: { overlap_seconds: random() < 0.5 ? 0 : 60 },
      type: 'key.rotated',
      log: 'acme',
      keyId,
    };
  },
];

const issueOf = ASKS[1] as (name: string) => Promise<Asked>;

let names = 0;
async function work(random: () => number): Promise<void> {
  names += 1;
  const asked = await drawFrom(ASKS, random)(`once-${names}`, random);
  told.push(await repeat(asked, random));
}

/** Sends a request with one Idempotency-Key until an answer says what became of it. */
async function repeat(asked: Asked, random: () => number): Promise<Told> {
  const { managementUrl, managementKey, tables } = storm.product;
  const headers = { 'Idempotency-Key': randomUUID() };
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    attempts += 1;
    const request = send(managementUrl + asked.path, {
      credential: managementKey,
      headers,
      body: asked.body,
    });
    if (random() < LOST_SHARE) {
      lostAnswers += 1;
      request.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, random() * GIVES_UP_MS));
      continue;
    }
    const { status, body } = await request;
    const answer = `${status} ${body.code ?? 'done'}`;
    if (!PASSING.includes(answer)) {
      const madeId = body.made_id ?? body.slug ?? body.id ?? (body.key ?? body.token)?.id ?? answer;
      return { ...asked, answer, madeId };
    }
    // A rotation that was left half done is in the way until a sweeper undoes it.
    if (random() < 0.2) await sweepEarly(tables).catch(() => 0);
  }
  return { ...asked, answer: 'none', madeId: 'nothing' };
}

const nameOf = ({ body }: Asked) => Object.values(body)[0];

/** The events that tell of what a request did, without rotations that were undone. */
function eventsOf(events: readonly StoredItem[], { type, log, madeId, keyId }: Told): readonly StoredItem[] {
  const own = events.filter((event) => event.pk === `WS#${log}`);
  const named = own.filter((event) =>
    type === 'workspace.created' ? true : [event.keyId, event.invitationId].includes(madeId),
  );
  const undone = own
    .filter((event) => event.type === 'key.rotation_abandoned' && event.keyId === keyId)
    .map(({ before }) => (before as { start: string }).start);
  return named.filter(
    (event) =>
      event.type === type && !undone.includes(String((event.after as { start?: string } | undefined)?.start)),
  );
}

test(
  'a client that repeats with its Idempotency-Key until it is answered never makes a second thing',
  async () => {
    const { tables } = storm.product;
    const unanswered = told.filter(({ answer }) => !/^(20[01] done|409 already_done)$/.test(answer));
    const events = await itemsOf(storm.product, tables.events);
    const notOnce = told.filter((each) => eventsOf(events, each).length !== 1);
    // A thing that nobody was told of would have a name that was made before.
    const records = await itemsOf(storm.product, tables.records);
    const made = records.filter(({ sk }) => /^(KEY|TOKEN|INVITATION)#/.test(String(sk)));
    const listed = made.filter(({ pk }) => !String(pk).includes('#MEMBER#'));
    const marks = listed.map(({ name, email }) => String(name ?? email));
    const twice = marks.filter((name, index) => marks.indexOf(name) !== index);
    const stored = disagreements(await readMemory(tables), Date.now() / 1000);
    report({
      property: 'a client that repeats with its Idempotency-Key never makes a second thing',
      tried: [
        ['requests', told.length],
        ['sendings', attempts],
        ['answers thrown away', lostAnswers],
        ...triedIn(storm).slice(0, 1),
      ],
      lost: notOnce.length + twice.length + unanswered.length,
    });
    expect({ unanswered, notOnce: notOnce.map(nameOf), twice, stored }).toEqual({
      unanswered: [],
      notOnce: [],
      twice: [],
      stored: [],
    });
    expect(told.some(({ answer }) => answer === '409 already_done')).toBe(true);
    expect(lostAnswers).toBeGreaterThan(0);
  },
  LONG,
);
