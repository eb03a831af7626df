/** Tells whether some text matches two patterns at once, in each of which `*` stands for any text, slashes and none included. */
export function wildcardsMeet(one: string, other: string): boolean {
  // Each row says which beginnings of `other` meet the beginning of `one` that ends there.
  let row = Array.from({ length: other.length + 1 }, (_, length) => /^\**$/.test(other.slice(0, length)));
  for (const letter of one) {
    const above = row;
    const next = [letter === '*' && above[0] === true];
    for (const [index, otherLetter] of [...other].entries()) {
      const isWild = letter === '*' || otherLetter === '*';
      const skipsOne = above[index + 1] === true;
      const skipsOther = next[index] === true;
      next.push(isWild ? skipsOne || skipsOther : letter === otherLetter && above[index] === true);
    }
    row = next;
  }
  return row.at(-1) === true;
}
