/** A word that differs by more than this part of its length is another word, not a typing error. */
const LARGEST_DIFFERENCE = 0.4;

/** A longer text is not a misspelt word, and comparing it would cost more than it helps. */
const LONGEST_WORD = 64;

/** Shorter beginnings fit too many words. */
const SHORTEST_BEGINNING = 3;

/** A shortened word is a bit less likely than a whole one. */
const CUT_SHORT = 0.1;

/**
 * Finds the known word that an author most likely meant. Case and punctuation do not count, so `createdBy` finds `created_by`. A word
 * may be shortened, such as `read` for `read:all`.
 * @returns `undefined` if no known word is close.
 */
export function findClosestWord(unknownWord: unknown, knownWords: readonly string[]): string | undefined {
  if (typeof unknownWord !== 'string' || unknownWord.length > LONGEST_WORD) return undefined;
  const asked = lettersOf(unknownWord);
  if (asked === '') return undefined;
  const rated = knownWords
    .map((word) => ({ word, difference: differenceOf(asked, lettersOf(word)) }))
    .sort((one, other) => one.difference - other.difference);
  const [best] = rated;
  return best !== undefined && best.difference <= LARGEST_DIFFERENCE ? best.word : undefined;
}

/** A hint to put after an expectation; empty if no known word is close. It repeats known words only. */
export function hintOf(unknownWord: unknown, knownWords: readonly string[]): string {
  const word = findClosestWord(unknownWord, knownWords);
  return word === undefined ? '' : ` (did you mean ${word}?)`;
}

/** Ends a sentence about an unknown word: with the word that was probably meant, or with a full stop. */
export function didYouMean(unknownWord: unknown, knownWords: readonly string[]): string {
  return suggestWord(findClosestWord(unknownWord, knownWords));
}

/** As {@link didYouMean}, for a word that was found already. */
export function suggestWord(word: string | undefined): string {
  return word === undefined ? '.' : `; did you mean ${word}?`;
}

function lettersOf(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** From 0, the same, to 1, nothing in common. */
function differenceOf(asked: string, known: string): number {
  const whole = editDistance(asked, known) / Math.max(asked.length, known.length, 1);
  if (asked.length < SHORTEST_BEGINNING || asked.length >= known.length) return whole;
  return Math.min(whole, CUT_SHORT + editDistance(asked, known.slice(0, asked.length)) / asked.length);
}

/** How many letters have to be inserted, deleted, changed, or swapped with their neighbour (optimal string alignment). */
function editDistance(one: string, other: string): number {
  let [twoBefore, before]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, n) => n)];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const ways = [
        (before[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (before[column - 1] ?? 0) + (isSame ? 0 : 1),
        ...(isSwapped ? [(twoBefore[column - 2] ?? 0) + 1] : []),
      ];
      current.push(Math.min(...ways));
    }
    [twoBefore, before] = [before, current];
  }
  return before[other.length] ?? 0;
}
