import fc from 'fast-check';

/** An address as its bytes, and one of the ways to write it. */
export interface WrittenAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly bytes: readonly number[];
  readonly text: string;
}

const byte = fc.integer({ min: 0, max: 255 });
/** Mostly ordinary groups, and often enough zeros for a `::` to be written somewhere. */
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const spelling = fc.record({
  isPadded: fc.boolean(),
  isUpper: fc.boolean(),
  isDotted: fc.boolean(),
  /** Where a run of zeros is left out, if there is one from there on. */
  shortenedAt: fc.integer({ min: 0, max: 8 }),
});
type Spelling = typeof spelling extends fc.Arbitrary<infer Value> ? Value : never;

const ipv4 = fc
  .tuple(byte, byte, byte, byte)
  .map((bytes): WrittenAddress => ({ family: 'ipv4', bytes, text: bytes.join('.') }));

const ipv6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), spelling)
  .map(([groups, how]): WrittenAddress => {
    const bytes = groups.flatMap((value) => [value >> 8, value & 0xff]);
    return { family: 'ipv6', bytes, text: writeGroups(groups, how) };
  });

export const addresses = fc.oneof(ipv4, ipv6);

/** An IPv4 address in the clothes of IPv6, in one of the ways to write it. */
export const mappedAddresses = fc
  .tuple(fc.tuple(byte, byte, byte, byte), spelling)
  .map(([bytes, how]): WrittenAddress => {
    const [a, b, c, d] = bytes;
    const groups = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d];
    return { family: 'ipv4', bytes, text: writeGroups(groups, how) };
  });

/** An address and a network that it is in, or misses by one bit. */
export const neighbours = addresses.chain((address) =>
  fc
    .record({
      prefixLength: fc.integer({ min: 0, max: address.bytes.length * 8 }),
      flipped: fc.integer({ min: 0, max: address.bytes.length * 8 }),
    })
    .map(({ prefixLength, flipped }) => {
      const bytes = address.bytes.map((value, at) =>
        at === flipped >> 3 ? value ^ (0x80 >> (flipped & 7)) : value,
      );
      return { address, network: { text: plain(address.family, bytes), prefixLength } };
    }),
);

/** As any parser reads it. */
export function plain(family: WrittenAddress['family'], bytes: readonly number[]): string {
  if (family === 'ipv4') return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0));
  return groups.map((value) => value.toString(16)).join(':');
}

function writeGroups(groups: readonly number[], how: Spelling): string {
  const texts = groups.map((value) => {
    const text = value.toString(16).padStart(how.isPadded ? 4 : 1, '0');
    return how.isUpper ? text.toUpperCase() : text;
  });
  if (how.isDotted) {
    const last = groups.slice(6).flatMap((value) => [value >> 8, value & 0xff]);
    texts.splice(6, 2, last.join('.'));
  }
  const start = texts.findIndex((text, at) => at >= how.shortenedAt && /^0+$/.test(text));
  if (start === -1) return texts.join(':');
  const length = texts.slice(start).findIndex((text) => !/^0+$/.test(text));
  const end = length === -1 ? texts.length : start + length;
  return `${texts.slice(0, start).join(':')}::${texts.slice(end).join(':')}`;
}
