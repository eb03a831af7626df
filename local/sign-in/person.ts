import { createHash } from 'node:crypto';

/** Somebody whom the sign-in page offers. */
export interface LocalPerson {
  /** What the page calls them, such as `owner`. */
  readonly label: string;
  /** The `sub` of their tokens. */
  readonly userId: string;
  readonly email: string;
}

/** Whoever signs in. Their address, where they have one, counts as verified. */
export interface Person {
  readonly userId: string;
  readonly email: string | null;
}

const LONGEST_NAME = 255;

/**
 * Whoever a typed text names: a user id is anybody's who types it, and an address is the same user's every time.
 * @returns undefined for a text that is neither.
 */
export function personNamed(typed: string, known: readonly LocalPerson[]): Person | undefined {
  const name = typed.trim();
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) return undefined;
  const email = name.includes('@') ? name.toLowerCase() : null;
  const found = known.find((person) => person.userId === name || person.email === email);
  if (found) return { userId: found.userId, email: found.email };
  return email === null ? { userId: name, email } : { userId: userIdOf(email), email };
}

/** The attributes that a trigger of Cognito's is given, every one of them a text. */
export function attributesOf({ userId, email }: Person): Record<string, string> {
  return {
    sub: userId,
    'cognito:user_status': 'CONFIRMED',
    ...(email !== null && { email, email_verified: 'true' }),
  };
}

/** Shaped as Cognito's user ids are. */
function userIdOf(email: string): string {
  const digest = createHash('sha256').update(email).digest('hex');
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
