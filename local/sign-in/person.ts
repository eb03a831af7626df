import { createHash } from 'node:crypto';

/** Somebody who signs in. Their address, if they have one, counts as verified. */
export interface Person {
  /** The `sub` of their tokens. */
  readonly userId: string;
  readonly email: string | null;
}

/** A user whom the sign-in page offers. */
export interface LocalPerson extends Person {
  /** What the page calls them, such as `owner`. */
  readonly label: string;
  readonly email: string;
}

const LONGEST_NAME = 255;

/** The users that the page offers, and those who have signed in since. */
export class People {
  readonly #known: Map<string, Person>;

  constructor(offered: readonly LocalPerson[]) {
    this.#known = new Map(offered.map((person) => [person.userId, person]));
  }

  /**
   * Finds or makes the user that a typed text names. Anybody may type any user id. An address names the same user every time.
   * @returns undefined for a text that is neither a user id nor an address.
   */
  signIn(typed: string): Person | undefined {
    const name = typed.trim();
    if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) return undefined;
    const email = name.includes('@') ? name.toLowerCase() : null;
    const known = [...this.#known.values()].find((each) => email !== null && each.email === email);
    const person = known ?? this.#known.get(name) ?? { userId: email ? userIdOf(email) : name, email };
    this.#known.set(person.userId, person);
    return person;
  }

  /** Somebody who has signed in. */
  of(userId: string): Person {
    return this.#known.get(userId) ?? { userId, email: null };
  }
}

/** Shaped as Cognito's user ids are. */
function userIdOf(email: string): string {
  const digest = createHash('sha256').update(email).digest('hex');
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`];
  return [...parts, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
}
