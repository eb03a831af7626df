import { isIPv4, isIPv6 } from 'node:net';

/** A network in one form, however somebody wrote it. */
export interface Network {
  /** Four or sixteen bytes; zero after the prefix. */
  readonly address: Uint8Array;
  /** In bits. */
  readonly prefixLength: number;
}

/**
 * Reads a network such as `203.0.113.0/24` or `2001:db8::/32`; a single address is written with `/32` or `/128`.
 * An IPv4 network written as IPv6 (`::ffff:203.0.113.0/120`) is refused: two spellings of one thing invite mistakes.
 */
export function parseNetwork(text: string): Network | undefined {
  const [, written = '', digits = ''] = /^([0-9A-Fa-f:.]{2,45})\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const bytes = bytesOf(written);
  const prefixLength = Number(digits);
  if (bytes === undefined || prefixLength > bytes.length * 8) return undefined;
  if (isMapped(bytes) && prefixLength >= MAPPED_LENGTH) return undefined;
  return { address: bytes.map((byte, index) => byte & maskAt(index, prefixLength)), prefixLength };
}

/** Writes a network in its shortest form. */
export function formatNetwork({ address, prefixLength }: Network): string {
  return `${formatAddress(address)}/${prefixLength}`;
}

export function isCidr(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/**
 * Tells whether an address lies in one of the networks. A malformed address lies in none. An IPv4 address written as IPv6
 * (`::ffff:203.0.113.7`, RFC 4291, 2.5.5.2) counts as the IPv4 address, and lies in no IPv6 network.
 * @param address the one that API Gateway vouches for (`requestContext.identity.sourceIp`), never a caller's header.
 */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const written = bytesOf(address);
  if (written === undefined) return false;
  const bytes = isMapped(written) ? written.subarray(12) : written;
  return parsed(networks).some((network) => contains(network, bytes));
}

/** Tells whether each inner network lies inside an outer one. A key may not issue a key that works in more places. */
export function areWithinNetworks(inner: readonly string[], outer: readonly string[]): boolean {
  const wider = parsed(outer);
  return inner.every((text) => {
    const network = parseNetwork(text);
    return (
      network !== undefined &&
      wider.some((other) => other.prefixLength <= network.prefixLength && contains(other, network.address))
    );
  });
}

function parsed(networks: readonly string[]): Network[] {
  return networks.flatMap((text) => parseNetwork(text) ?? []);
}

function contains({ address, prefixLength }: Network, bytes: Uint8Array): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, index) => (byte & maskAt(index, prefixLength)) === address[index]);
}

/** The bits of a byte that a prefix covers. */
function maskAt(index: number, prefixLength: number): number {
  const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

const MAPPED_LENGTH = 96;

function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 && bytes.subarray(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff))
  );
}

function bytesOf(address: string): Uint8Array | undefined {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  // A zone such as `%eth0` has a meaning on one machine only.
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const [head = '', tail = ''] = uniformIPv6(address).split('::');
  const [left, right] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [
    ...(left ?? []),
    ...Array(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0'),
    ...(right ?? []),
  ];
  return Uint8Array.from(
    groups.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group]),
  );
}

function formatAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => {
    const [high = 0, low = 0] = address.subarray(index * 2);
    return (high * 256 + low).toString(16);
  });
  return uniformIPv6(groups.join(':'));
}

/** The URL standard writes an IPv6 address in one way only: lower case, shortened once, without dotted parts. */
function uniformIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
