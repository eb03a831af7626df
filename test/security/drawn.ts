import type { RandomBytes } from '../../core/credential/key-text.ts';
import { randomFrom } from '../campaigns/campaign.ts';

/** What a part of a campaign draws by chance, the same for the same seed and name. */
export interface Drawn {
  /** From 0, and below `bound`. */
  below(bound: number): number;
  from<Item>(items: readonly Item[]): Item;
  readonly bytes: RandomBytes;
}

export function drawnFor(name: string): Drawn {
  const random = randomFrom(name);
  const below = (bound: number) => Math.floor(random() * bound);
  return {
    below,
    from: <Item>(items: readonly Item[]) => {
      if (items.length === 0) throw new Error('There is nothing to draw from.');
      return items[below(items.length)] as Item;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}
