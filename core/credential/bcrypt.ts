/** bcrypt, as the core asks for it. Each call costs tens of milliseconds of a whole processor. */
export interface Bcrypt {
  hash(secret: string): Promise<string>;
  matches(secret: string, secretHash: string): Promise<boolean>;
}

/** bcrypt looks at no more bytes of a secret than these. */
export const LONGEST_BCRYPT_BYTES = 72;
