import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isRoleAtLeast, type Role } from '../../../../core/access/role.ts';
import { roleOf } from '../../../../core/management/workspace-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { copiesOf } from '../copies.ts';
import { Crashed, eachDeath, type MortalProcess, mortalProcess } from '../faults.ts';
import { expectAgreement, storedSecretOf } from '../keys/agreement.ts';
import { aRotation, finisherAt, keyStoreOf, NOW, newId, outcomeOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { issuedBy, memberIn, ownersOf, putRole, remove, workspaceWith } from './members.ts';

let tables: TestTables;
let mortal: MortalProcess;
beforeAll(async () => {
  tables = await createTables();
  mortal = mortalProcess(tables);
});
afterAll(() => tables.release());

/** Later than any function lives. */
const LATER = NOW + 120;

/** A member with a key, and another that was rotated with an overlap, so that it has two secrets. */
async function makeMember(role: Role) {
  const userId = newId('key');
  const slug = await workspaceWith(tables, { [userId]: role });
  const keys = [];
  for (const isRotated of [false, true]) {
    const { text, key } = await issuedBy(tables, { slug, userId });
    const { text: newText, rotation } = aRotation(key, 600);
    if (isRotated) await keyStoreOf(tables).rotate(rotation);
    keys.push({ key, texts: isRotated ? [text, newText] : [text] });
  }
  return { slug, userId, keys };
}
type Subject = Awaited<ReturnType<typeof makeMember>>;

const copiesByRole = new Map<Role, () => Promise<Subject>>();

/** Another member like that. */
function memberWithKeys(role: Role): Promise<Subject> {
  const namesOf = ({ slug, userId, keys }: Subject) => ({
    names: [slug, userId, ...keys.map(({ key }) => key.id)],
    texts: keys.flatMap(({ texts }) => texts),
  });
  const copy = copiesByRole.get(role) ?? copiesOf(tables, () => makeMember(role), namesOf);
  copiesByRole.set(role, copy);
  return copy();
}

const secretsOf = ({ keys }: Subject) => keys.flatMap(({ texts }) => texts);

async function rolesOf(subject: Subject): Promise<(Role | null | undefined)[]> {
  const secrets = await Promise.all(secretsOf(subject).map((text) => storedSecretOf(tables, text)));
  return secrets.map((secret) => secret?.principal.role);
}

/** Lets a change die wherever it can, each time on a new member. */
async function eachCrash(
  role: Role,
  change: (store: Tables, subject: Subject) => Promise<unknown>,
  check: (subject: Subject, answer: unknown) => Promise<void>,
): Promise<void> {
  const operations = await eachDeath(mortal, async () => {
    const subject = await memberWithKeys(role);
    const answer = await change(mortal.tables, subject).catch((error: unknown) => error);
    if (!mortal.isDead()) expect(answer).not.toBeInstanceOf(Error);
    await check(subject, answer);
  });
  // Fewer would mean that it never died with some of the copies made.
  expect(operations).toBeGreaterThan(7);
}

/** Whatever happened, no secret acts with more than its member is said to be. */
async function expectNoSecretAboveMember(subject: Subject): Promise<void> {
  const member = await memberIn(tables, subject);
  const bound = member && roleOf(member);
  if (member?.pendingRole !== undefined || bound === undefined) return;
  for (const role of await rolesOf(subject)) expect(isRoleAtLeast(bound, role ?? 'member')).toBe(true);
}

async function expectRole(subject: Subject, role: Role): Promise<void> {
  expect(await memberIn(tables, subject)).toMatchObject({ role });
  expect(await memberIn(tables, subject)).not.toHaveProperty('pendingRole');
  expect(new Set(await rolesOf(subject))).toEqual(new Set([role]));
  for (const { key, texts } of subject.keys) await expectAgreement(tables, key, texts, NOW, 1);
}

const CHANGES = [
  ['owner', 'member'],
  ['member', 'owner'],
] as const;

describe.each(CHANGES)('a change from %s to %s that dies at any store operation', (from, to) => {
  const change = (store: Tables, { slug, userId }: Subject) => putRole(store, { slug, userId, role: to });

  test('is finished by a retry, and until then no key has a higher role than its member', async () => {
    await eachCrash(from, change, async (subject, answer) => {
      await expectNoSecretAboveMember(subject);
      const wasAnswered = !(answer instanceof Error);
      if (wasAnswered) await expectRole(subject, to);
      expect(await change(tables, subject)).toMatchObject({ kind: 'changed', member: { role: to } });
      await expectRole(subject, to);
      expect(await ownersOf(tables, subject.slug)).toBe(to === 'owner' ? 2 : 1);
    });
  });

  test('is finished by the sweeper, or has never begun', async () => {
    await eachCrash(from, change, async (subject) => {
      const before = await memberIn(tables, subject);
      await sweepPendingChanges(finisherAt(tables, LATER));
      const wasBegun = before?.version === 2;
      await expectNoSecretAboveMember(subject);
      expect(await memberIn(tables, subject)).toMatchObject({ role: wasBegun ? to : from });
      expect(new Set(await rolesOf(subject))).toEqual(new Set([wasBegun ? to : from]));
      expect(await sweepPendingChanges(finisherAt(tables, LATER))).toBe(0);
    });
  });
});

describe('a removal that dies at any store operation', () => {
  const removal = (store: Tables, { slug, userId }: Subject) => remove(store, { slug, userId });

  async function expectGone(subject: Subject): Promise<void> {
    expect(await memberIn(tables, subject)).toBeUndefined();
    for (const text of secretsOf(subject)) expect(await outcomeOf(tables, text)).toBe('revoked');
    for (const { key, texts } of subject.keys) await expectAgreement(tables, key, texts, NOW);
  }

  test('is finished by a retry, which gives the answer of the first attempt', async () => {
    await eachCrash('owner', removal, async (subject, answer) => {
      const ids = subject.keys.map(({ key }) => key.id).reverse();
      const whole = { kind: 'removed', revoked: ids, kept: [] };
      if (!(answer instanceof Error)) expect(answer).toEqual(whole);
      const again = await removal(tables, subject);
      // A removal that finished without an answer looks like a member who never was.
      if (answer instanceof Error) expect([whole, { kind: 'no_member' }]).toContainEqual(again);
      else expect(again).toEqual({ kind: 'no_member' });
      await expectGone(subject);
      expect(await ownersOf(tables, subject.slug)).toBe(1);
    });
  });

  test('is finished by the sweeper, or has never begun', async () => {
    await eachCrash('admin', removal, async (subject) => {
      const wasBegun = (await memberIn(tables, subject)) === undefined;
      await sweepPendingChanges(finisherAt(tables, LATER));
      if (wasBegun) return expectGone(subject);
      for (const text of secretsOf(subject)) expect(await outcomeOf(tables, text)).toBe('allow');
    });
  });

  test('is finished when somebody adds the member again, and the ended keys stay ended', async () => {
    await eachCrash('admin', removal, async (subject) => {
      const { slug, userId } = subject;
      const wasBegun = (await memberIn(tables, subject)) === undefined;
      const outcome = await putRole(tables, { slug, userId, role: 'member' });
      expect(outcome).toMatchObject({ kind: wasBegun ? 'added' : 'changed', member: { role: 'member' } });
      const verdict = wasBegun ? 'revoked' : 'allow';
      for (const text of secretsOf(subject)) expect(await outcomeOf(tables, text)).toBe(verdict);
    });
  });
});

test('no change that dies before its first write has been answered', async () => {
  const subject = await memberWithKeys('admin');
  mortal.live({ at: 1, moment: 'before' });
  const asked = putRole(mortal.tables, { ...subject, role: 'member' });
  await expect(asked).rejects.toBeInstanceOf(Crashed);
});
