import { endingBy, initially, possibleValues, type Span, type Write } from './history.ts';

/** What a credential lets its holder do where it is used; each includes the one before. */
export type Power = 'none' | 'read' | 'write';

const POWERS: readonly Power[] = ['none', 'read', 'write'];

/** One text, and the call that it came from. */
export interface IssuedSecret extends Span {
  readonly text: string;
}

/** All that was asked of one key or token, and that may bear on whether it is let through. */
export interface CredentialHistory {
  readonly id: string;
  /** Newest last. */
  readonly secrets: IssuedSecret[];
  readonly enabled: Write<boolean>[];
  /** Shared by all credentials of a user where it is their membership that decides. */
  readonly power: Write<Power>[];
  /** The value is whether the older secrets were to end at once. */
  readonly rotations: Write<'at once' | 'later'>[];
  readonly revocations: Write<'revoked'>[];
  readonly uses: Use[];
  readonly sights: Sight[];
}

/** The credential as the management API showed it. */
export interface Sight extends Span {
  readonly status: string;
  readonly power: Power;
}

/** One request with the credential, and what the product's API made of it. */
export interface Use extends Span {
  readonly text: string;
  readonly needs: Exclude<Power, 'none'>;
  readonly seen: 'allowed' | 'unauthorized' | 'forbidden';
}

export function newHistory(id: string, secret: IssuedSecret, power: Write<Power>[]): CredentialHistory {
  const nothing = { uses: [], sights: [], rotations: [], revocations: [] };
  return { id, secrets: [secret], enabled: [initially(true)], power, ...nothing };
}

export interface WrongUses {
  /** Let through though something that forbids it had been answered as done before the request began. */
  readonly letThrough: readonly Use[];
  /** Turned away though nothing that was asked for can have been the reason. */
  readonly turnedAway: readonly Use[];
}

export function wrongUses(history: CredentialHistory): WrongUses {
  return {
    letThrough: history.uses.filter((use) => use.seen === 'allowed' && !mayBeAllowed(history, use)),
    turnedAway: history.uses.filter((use) => use.seen !== 'allowed' && !mayBeRefused(history, use)),
  };
}

/** What was shown though it cannot have been so, or not any more. */
export function wrongSights(history: CredentialHistory): Sight[] {
  return history.sights.filter((sight) => {
    const revoked = endingBy(history.revocations, sight);
    if (sight.status === 'revoked') return !revoked.may;
    const isEnabled = sight.status === 'active';
    return (
      revoked.must ||
      !possibleValues(history.enabled, sight).has(isEnabled) ||
      !possibleValues(history.power, sight).has(sight.power)
    );
  });
}

/**
 * The credentials whose issue made more of them work at the same time than a limit allows: at the moment when it was answered, so many
 * had been answered as issued and not been asked to end.
 */
export function beyondLimit(histories: readonly CredentialHistory[], limit: number): CredentialHistory[] {
  const answeredAt = ({ secrets }: CredentialHistory) => secrets[0]?.endedAt ?? 0;
  return histories.filter((issued) => {
    const moment = answeredAt(issued);
    const atWork = histories.filter(
      (one) =>
        answeredAt(one) <= moment && !endingBy(one.revocations, { startedAt: moment, endedAt: moment }).may,
    );
    return atWork.length > limit;
  });
}

function mayBeAllowed(history: CredentialHistory, use: Use): boolean {
  return (
    !endingBy(history.revocations, use).must &&
    !endingBy(endingsOf(history, use.text), use).must &&
    possibleValues(history.enabled, use).has(true) &&
    [...possibleValues(history.power, use)].some((power) => includes(power, use.needs))
  );
}

function mayBeRefused(history: CredentialHistory, use: Use): boolean {
  if (use.seen === 'forbidden')
    return [...possibleValues(history.power, use)].some((power) => !includes(power, use.needs));
  return (
    endingBy(history.revocations, use).may ||
    endingBy(endingsOf(history, use.text), use).may ||
    possibleValues(history.enabled, use).has(false)
  );
}

/**
 * The rotations that may have ended one secret: those which did not make it themselves. One that was done has ended for certain what
 * was there when it began; one that was not may be undone later.
 */
function endingsOf({ secrets, rotations }: CredentialHistory, text: string): Write<unknown>[] {
  const born = secrets.find((secret) => secret.text === text);
  if (born === undefined) throw new Error('A secret was used that nobody was given.');
  return rotations
    .filter(({ value, startedAt }) => value === 'at once' && startedAt !== born.startedAt)
    .filter(({ endedAt }) => endedAt > born.startedAt)
    .map((rotation) => ({ ...rotation, isDone: rotation.isDone && rotation.startedAt > born.endedAt }));
}

function includes(power: Power, needed: Power): boolean {
  return POWERS.indexOf(power) >= POWERS.indexOf(needed);
}
