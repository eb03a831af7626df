import { type AcceptedShape, countHiddenBits, LEAST_DIGEST_BITS, shapeOf } from './accepted-shape.ts';
import type { KeyType } from './credential-type.ts';
import { LOOKUP_LENGTH } from './secret.ts';

/** The name of the issued shape among all shapes of a product. No accepted shape may have it. */
export const ISSUED = 'issued';

/** All shapes of a product's keys, the issued one first. */
export function shapesOf({
  format,
  storedAs,
  accepts = [],
}: KeyType): readonly [AcceptedShape, ...AcceptedShape[]] {
  const issued: AcceptedShape = {
    name: ISSUED,
    format: shapeOf(format),
    hashing: { part: 'whole', before: '', after: '' },
    storedAs: storedAs === 'bcrypt' ? { kind: storedAs, lookupLength: LOOKUP_LENGTH } : { kind: storedAs },
  };
  return [issued, ...accepts];
}

/** Tells whether verifying a product's keys may need a comparison by bcrypt. */
export function comparesBcrypt(keyType: KeyType): boolean {
  return shapesOf(keyType).some(({ storedAs }) => storedAs.kind === 'bcrypt');
}

/**
 * Tells whether a secret that is kept as bcrypt becomes SHA-256 once it was proven. A product that issues keys as bcrypt has
 * promised it for all keys. The characters of the look-up prefix stand in the clear, so they do not count.
 */
export function canImprove(
  { storedAs }: Pick<KeyType, 'storedAs'>,
  shape: Pick<AcceptedShape, 'format' | 'storedAs'>,
): boolean {
  return storedAs === 'sha256' && countHiddenBits(shape) >= LEAST_DIGEST_BITS;
}
