import type { SecretLocator } from '../credential/digest.ts';

/** The networks that secrets were bound to when an instance last met them. Only ever a guess. */
export interface NetworkMemory {
  /** @returns an empty list for what is not known, which is right for most secrets. */
  recall(locator: SecretLocator): readonly string[];
  remember(locator: SecretLocator, allowedCidrs: readonly string[]): void;
}

/** Under a megabyte: eight networks to a secret at most. */
const CAPACITY = 1_000;

/**
 * Saves the second operation of a counted secret that is bound to networks: they have to be named when it is counted, so
 * without a guess they have to be read first. A wrong guess costs that operation and decides nothing, since counting
 * requires exactly the networks that the secret has at that moment.
 */
export function createNetworkMemory(capacity = CAPACITY): NetworkMemory {
  const entries = new Map<SecretLocator, readonly string[]>();
  return {
    recall: (locator) => entries.get(locator) ?? [],
    remember(locator, allowedCidrs) {
      // A map keeps the order of insertion, so the first entry is the one that was met least recently.
      entries.delete(locator);
      if (allowedCidrs.length === 0) return;
      entries.set(locator, allowedCidrs);
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    },
  };
}
