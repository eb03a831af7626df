import { report, type Scale, scaled } from '../campaigns/campaign.ts';

interface Race {
  readonly property: string;
  readonly rounds: Scale;
  /** Does it once, on something new. @throws where the property does not hold. */
  readonly round: (index: number) => Promise<void>;
}

/**
 * Repeats a race until luck is excluded, and reports how often its property was lost.
 * @throws the first loss, once all rounds were tried.
 */
export async function repeatRace({ property, rounds, round }: Race): Promise<void> {
  const count = scaled(rounds);
  const losses: unknown[] = [];
  for (let index = 0; index < count; index += 1) {
    try {
      await round(index);
    } catch (loss) {
      losses.push(loss);
    }
  }
  report({ property, tried: [['rounds', count]], lost: losses.length });
  if (losses.length > 0) throw losses[0];
}

/** As long as the rounds of a whole campaign may take. Milliseconds. */
export const RACE_MS = 300_000;
