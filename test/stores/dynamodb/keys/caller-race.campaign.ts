import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '../../../../core/credential/secret.ts';
import type { KeyAddress } from '../../../../core/management/key-store.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { createTables, type TestTables } from '../tables.ts';
import { expectAgreement } from './agreement.ts';
import { aRevocation, aRotation, issued, keyStoreOf, NOW, newKey, newSlug, outcomeOf } from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const callingKey = ({ workspace, id }: KeyAddress) =>
  ({ kind: 'api_key', address: { workspace, id } }) as const;

interface Attempt {
  readonly startedAt: number;
  readonly id: string;
  readonly kind: string;
}

async function idsListed(workspace: string): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { keys, next } = await keyStoreOf(tables).list({
      workspace,
      limit: 100,
      now: NOW,
      ...(after !== undefined && { after }),
    });
    ids.push(...keys.map(({ id }) => id));
    after = next ?? undefined;
  } while (after !== undefined);
  return ids.sort();
}

const ISSUERS = 4;

test('a key issues nothing after its revocation was answered, so that a clean-up afterwards finds every key of it', async () => {
  let children = 0;
  const rounds = scaled({ part: 4, whole: 8 });
  for (let round = 0; round < rounds; round += 1) {
    const workspace = newSlug();
    const caller = (await issued(tables, { workspace })).key;
    let tick = 0;
    const clock = () => ++tick;
    let answeredAt = Number.POSITIVE_INFINITY;
    const history: Attempt[] = [];
    const begun = Promise.withResolvers<void>();
    const issuers = Array.from({ length: ISSUERS }, async () => {
      // Each goes on for some calls that began after the answer.
      for (let late = 0; late < 3; ) {
        const startedAt = clock();
        if (startedAt > answeredAt) late += 1;
        const { key } = newKey({ workspace, caller: callingKey(caller) });
        const { kind } = await keyStoreOf(tables).issue(key);
        history.push({ startedAt, id: key.id, kind });
        if (history.length === ISSUERS * 2) begun.resolve();
      }
    });
    await begun.promise;
    await keyStoreOf(tables).revoke(aRevocation(caller));
    answeredAt = clock();
    const listedAtOnce = await idsListed(workspace);
    await Promise.all(issuers);

    const made = history.filter(({ kind }) => kind === 'issued');
    const late = history.filter(({ startedAt }) => startedAt > answeredAt);
    expect(late.length).toBeGreaterThanOrEqual(ISSUERS * 3);
    expect(new Set(late.map(({ kind }) => kind))).toEqual(new Set(['caller_ended']));
    const all = [caller.id, ...made.map(({ id }) => id)].sort();
    expect(await idsListed(workspace)).toEqual(all);
    expect(listedAtOnce).toEqual(all);
    children += made.length;
  }
  // Without keys that were issued beforehand the rounds would prove nothing.
  expect(children).toBeGreaterThan(ISSUERS * rounds);
});

test('a rotation by a key that is revoked meanwhile is done whole or not at all', async () => {
  const workspace = newSlug();
  for (let round = 0; round < scaled({ part: 6, whole: 12 }); round += 1) {
    const by = (await issued(tables, { workspace })).key;
    const { text, key } = await issued(tables, { workspace });
    const { text: newText, rotation } = aRotation(key, 0);
    const store = keyStoreOf(tables);
    const rotate = () => store.rotate({ ...rotation, caller: callingKey(by) });
    const end = () => store.revoke(aRevocation(by));
    const ending = round % 2 === 0 ? undefined : end();
    const [{ kind }] = await Promise.all([rotate(), ending ?? end()]);
    expect(['changed', 'caller_ended']).toContain(kind);
    const outcomes = [await outcomeOf(tables, text), await outcomeOf(tables, newText)];
    expect(outcomes).toEqual(kind === 'changed' ? ['revoked', 'allow'] : ['allow', 'unknown']);
    const record = await expectAgreement(tables, key, [text, newText], NOW);
    expect(record.secrets.map(({ locator }) => locator)).toEqual([
      digestOf(kind === 'changed' ? newText : text),
    ]);
  }
});
