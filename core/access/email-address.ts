const LONGEST_ADDRESS = 254;

/** The addresses that HTML's e-mail field takes, with at least two labels behind the `@`. */
const ADDRESS =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * An address as it is stored and compared: without regard to case. ASCII only: other letters have look-alikes, and some of them
 * become ASCII when they are lowered, so that one address could be taken for another.
 * @returns undefined for what is no such address.
 */
export function normalEmailAddress(presentedAddress: string): string | undefined {
  if (presentedAddress.length > LONGEST_ADDRESS || !/^[\x21-\x7e]+$/.test(presentedAddress)) return undefined;
  const address = presentedAddress.toLowerCase();
  return ADDRESS.test(address) ? address : undefined;
}
