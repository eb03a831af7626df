import type { RateLimit } from '../../../../core/access/rate-limit.ts';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { aRotation, FIELDS, issued, keyStoreOf, NOW, outcomeOf, settledKey } from './keys.ts';

/** Keys with a limit that are rotated and called. @param getTables where they are, once the tables are made. */
export function limitedKeys(getTables: () => Tables) {
  const issuedWith = (rateLimit: RateLimit) =>
    issued(getTables(), { fields: { ...FIELDS, rateLimit }, effectiveRateLimit: rateLimit });

  /** Rotates a key as it is now. @returns the new secret. */
  async function rotated(
    key: ApiKey,
    overlapSeconds: number,
    now = NOW,
    store: Tables = getTables(),
  ): Promise<string> {
    const current = await settledKey(getTables(), key, now);
    if (current === undefined) throw new Error('The key is gone.');
    const { text, rotation } = aRotation(current, overlapSeconds, now);
    const { kind } = await keyStoreOf(store, now).rotate(rotation);
    if (kind !== 'changed') throw new Error(`The key was not rotated: ${kind}.`);
    return text;
  }

  /** How many of so many calls are let through. */
  async function letThrough(text: string, calls: number, now = NOW): Promise<number> {
    let allowed = 0;
    for (let call = 0; call < calls; call += 1)
      if ((await outcomeOf(getTables(), text, { now }, 'count')) === 'allow') allowed += 1;
    return allowed;
  }

  return { issuedWith, rotated, letThrough };
}
