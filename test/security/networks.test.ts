import { BlockList, isIP } from 'node:net';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { areWithinNetworks, formatNetwork, isInNetworks, parseNetwork } from '../../core/access/network.ts';
import { scaled } from '../campaigns/campaign.ts';
import { anyText } from '../core/text/any-text.ts';
import { runs, tallied } from './tally.ts';
import { addresses, mappedAddresses, neighbours, plain, type WrittenAddress } from './written-addresses.ts';

const RUNS = runs(scaled({ few: 300, part: 1_000, whole: 20_000 }));
const tally = tallied('A key works from the networks that it is bound to, however an address is written');

interface WrittenNetwork {
  readonly text: string;
  readonly prefixLength: number;
}

/** What Node's own list of networks says, family by family. */
function oracle({ family, bytes }: WrittenAddress, { text, prefixLength }: WrittenNetwork): boolean {
  tally.count('questions, answered by another implementation too');
  const list = new BlockList();
  const networkFamily = text.includes(':') ? 'ipv6' : 'ipv4';
  if (networkFamily !== family) return false;
  list.addSubnet(text, prefixLength, networkFamily);
  return list.check(plain(family, bytes), family);
}

/** A network that holds IPv4 in the clothes of IPv6 is none. */
const isMappedNetwork = ({ text, prefixLength }: WrittenNetwork) =>
  text.startsWith('0:0:0:0:0:ffff:') && prefixLength >= 96;

const cidr = ({ text, prefixLength }: WrittenNetwork) => `${text}/${prefixLength}`;

tally.test(
  'an address is in a network exactly where another implementation says so, whatever its spelling',
  () => {
    fc.assert(
      fc.property(neighbours, ({ address, network }) => {
        fc.pre(!isMappedNetwork(network));
        const expected = oracle(address, network);
        expect(isInNetworks(address.text, [cidr(network)])).toBe(expected);
        expect(isInNetworks(plain(address.family, address.bytes), [cidr(network)])).toBe(expected);
      }),
      RUNS,
    );
  },
);

tally.test(
  'an IPv4 address in the clothes of IPv6 is in the networks of that IPv4 address, and in none of IPv6',
  () => {
    fc.assert(
      fc.property(mappedAddresses, fc.nat(32), fc.nat(128), (address, prefixLength, widePrefix) => {
        const network = { text: plain('ipv4', address.bytes), prefixLength };
        expect(isInNetworks(address.text, [cidr(network)])).toBe(oracle(address, network));
        expect(isInNetworks(address.text, [`::/${Math.min(widePrefix, 80)}`])).toBe(false);
        expect(parseNetwork(`${address.text}/${96 + prefixLength}`)).toBeUndefined();
      }),
      RUNS,
    );
  },
);

tally.test('networks are within others exactly where none of their addresses is outside', () => {
  fc.assert(
    fc.property(neighbours, fc.nat(128), ({ address, network }, length) => {
      const prefixLength = Math.min(length, address.bytes.length * 8);
      const inner = { text: plain(address.family, address.bytes), prefixLength };
      fc.pre(!isMappedNetwork(network) && !isMappedNetwork(inner));
      const isWithin = prefixLength >= network.prefixLength && oracle(address, network);
      expect(areWithinNetworks([cidr(inner)], [cidr(network)])).toBe(isWithin);
      expect(areWithinNetworks([cidr(inner)], [])).toBe(false);
      expect(areWithinNetworks([cidr(network), cidr(inner)], [cidr(network)])).toBe(isWithin);
    }),
    RUNS,
  );
});

tally.test('a network is written in one form, which means the same', () => {
  fc.assert(
    fc.property(neighbours, ({ address, network }) => {
      fc.pre(!isMappedNetwork(network));
      const parsed = parseNetwork(cidr(network));
      const form = parsed && formatNetwork(parsed);
      expect(isInNetworks(address.text, [form ?? ''])).toBe(oracle(address, network));
      expect(form && parseNetwork(form)).toEqual(parsed);
    }),
    RUNS,
  );
});

tally.test(
  'any text is a network or none, and is one only where its parts are an address and a length',
  () => {
    const near = fc
      .tuple(
        addresses,
        fc.constantFrom('/', '//', ' /', '/ ', ''),
        fc.constantFrom('8', '08', '129', '-1', ''),
      )
      .map(([{ text }, slash, length]) => text + slash + length);
    const texts = fc.oneof(anyText({ maxLength: 60 }), near, fc.ipV4Extended(), fc.ipV6());
    fc.assert(
      fc.property(texts, (text) => {
        tally.count('texts');
        const parsed = parseNetwork(text);
        expect(isInNetworks(text, ['0.0.0.0/0', '::/0'])).toBe(isIP(text) !== 0 && !text.includes('%'));
        if (parsed === undefined) return;
        const [address = '', length = ''] = text.split('/');
        expect(isIP(address)).toBe(parsed.address.length === 4 ? 4 : 6);
        expect(String(parsed.prefixLength)).toBe(length);
      }),
      RUNS,
    );
  },
);
