declare const located: unique symbol;

/**
 * Under what a store keeps one secret: the SHA-256 of its text, or, for a secret that is kept as bcrypt, the part of it
 * that is kept in the clear with a place behind it. It proves nothing by itself.
 */
export type SecretLocator = string & { readonly [located]: 'secret' };
