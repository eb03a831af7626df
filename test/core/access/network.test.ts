import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  areWithinNetworks,
  formatNetwork,
  isCidr,
  isInNetworks,
  parseNetwork,
} from '../../../core/access/network.ts';
import { anyText } from '../text/any-text.ts';

describe('a network', () => {
  test.each([
    '203.0.113.0/24',
    '203.0.113.7/32',
    '0.0.0.0/0',
    '2001:db8::/32',
    '::/0',
    '::1/128',
    '1:2:3:4:5:6:7:8/64',
    '1:2:3:4:5:6:192.0.2.1/128',
  ])('may be %s', (text) => {
    expect(isCidr(text)).toBe(true);
  });

  test.each([
    '',
    '/',
    '203.0.113.0',
    '203.0.113.0/',
    '203.0.113.0/33',
    '203.0.113.0/-1',
    '203.0.113.0/024',
    '203.0.113.0/2 4',
    '203.0.113/24',
    '203.0.113.256/24',
    '0203.0.113.1/24',
    '0x7f.1/8',
    '2001:db8::/129',
    '2001:db8:::/32',
    '2001:db8/32',
    'fe80::1%eth0/64',
    '[::1]/128',
    ' 10.0.0.0/8',
    '10.0.0.0/8\n',
    '10.0.0.0/8/8',
    'localhost/8',
    '１0.0.0.0/8',
    '::ffff:203.0.113.0/120',
    '::ffff:0:0/96',
  ])('may not be %j', (text) => {
    expect(isCidr(text)).toBe(false);
  });

  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['203.0.113.7/31', '203.0.113.6/31'],
    ['203.0.113.7/0', '0.0.0.0/0'],
    ['2001:0DB8:0:0:0:0:0:1/32', '2001:db8::/32'],
    ['2001:db8::ff/121', '2001:db8::80/121'],
    ['1:2:3:4:5:6:192.0.2.1/128', '1:2:3:4:5:6:c000:201/128'],
  ])('written as %s has the one form %s', (text, expected) => {
    const network = parseNetwork(text);
    expect(network && formatNetwork(network)).toBe(expected);
  });
});

describe('an address is in a network', () => {
  test.each([
    ['203.0.113.7', '203.0.113.0/24', true],
    ['203.0.114.7', '203.0.113.0/24', false],
    ['203.0.113.7', '203.0.113.7/32', true],
    ['203.0.113.8', '203.0.113.7/32', false],
    ['198.51.100.1', '0.0.0.0/0', true],
    ['2001:db8::7', '2001:db8::/32', true],
    ['2001:DB8:0::7', '2001:db8::/32', true],
    ['2001:db9::7', '2001:db8::/32', false],
    // The address of an IPv4 host, as a socket that speaks both calls it.
    ['::ffff:203.0.113.7', '203.0.113.0/24', true],
    ['::ffff:cb00:7107', '203.0.113.0/24', true],
    ['::ffff:203.0.114.7', '203.0.113.0/24', false],
    // No network of IPv6 opens the door to IPv4, however wide it is, nor the other way round.
    ['::ffff:203.0.113.7', '::/0', false],
    ['203.0.113.7', '::/0', false],
    ['2001:db8::7', '0.0.0.0/0', false],
    ['::203.0.113.7', '203.0.113.0/24', false],
  ])('%s in %s: %s', (address, network, expected) => {
    expect(isInNetworks(address, [network])).toBe(expected);
    expect(isInNetworks(address, ['192.0.2.0/24', network, '2001:db8:1::/48'])).toBe(expected);
  });

  test.each([
    '',
    ' ',
    'localhost',
    '203.0.113',
    '203.0.113.7, 10.0.0.1',
    '203.0.113.7/32',
    'fe80::1%eth0',
    'test-invoke-source-ip',
  ])('%j is no address, so it is in none', (address) => {
    expect(isInNetworks(address, ['0.0.0.0/0', '::/0'])).toBe(false);
  });

  test('never if the list is empty, or holds no valid network', () => {
    expect(isInNetworks('203.0.113.7', [])).toBe(false);
    expect(isInNetworks('203.0.113.7', ['203.0.113.7'])).toBe(false);
  });
});

const ipv4 = fc.ipV4();
const cidr = fc.oneof(
  fc.tuple(ipv4, fc.nat(32)).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, length]) => `${address}/${length}`),
);

test('the normal form of a network holds the same addresses', () => {
  fc.assert(
    fc.property(cidr, fc.oneof(ipv4, fc.ipV6()), (text, address) => {
      const network = parseNetwork(text);
      fc.pre(network !== undefined);
      const form = network && formatNetwork(network);
      expect(isCidr(form ?? '')).toBe(true);
      expect(isInNetworks(address, [form ?? ''])).toBe(isInNetworks(address, [text]));
      const [own = ''] = text.split('/');
      expect(isInNetworks(own, [text])).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('networks within others admit no address that the others refuse', () => {
  const near = fc
    .tuple(fc.constantFrom('10.0.0.', '10.0.1.', '192.0.2.'), fc.nat(255))
    .map((parts) => parts.join(''));
  const network = fc
    .tuple(near, fc.integer({ min: 22, max: 32 }))
    .map(([address, length]) => `${address}/${length}`);
  const networks = fc.array(network, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(networks, networks, near, (inner, outer, address) => {
      expect(areWithinNetworks(inner, inner)).toBe(true);
      fc.pre(isInNetworks(address, inner) && !isInNetworks(address, outer));
      expect(areWithinNetworks(inner, outer)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test.each([
  [['10.1.0.0/16'], ['10.0.0.0/8'], true],
  [['10.0.0.0/8'], ['10.1.0.0/16'], false],
  [['10.1.0.0/16', '192.0.2.1/32'], ['10.0.0.0/8'], false],
  [['10.1.0.0/16', '192.0.2.1/32'], ['192.0.2.0/24', '10.0.0.0/8'], true],
  [['10.1.2.3/8'], ['10.0.0.0/8'], true],
  [['2001:db8:1::/48'], ['2001:db8::/32'], true],
  [['10.0.0.0/8'], ['::/0'], false],
  [['no network'], ['0.0.0.0/0'], false],
  [['10.0.0.0/8'], [], false],
])('%j within %j: %s', (inner, outer, expected) => {
  expect(areWithinNetworks(inner, outer)).toBe(expected);
});

test('no text makes the check of networks throw', () => {
  fc.assert(
    fc.property(anyText(), fc.stringMatching(/^[0-9a-f:.%/]{0,50}$/), cidr, (text, like, network) => {
      for (const each of [text, like, `${like}/64`]) {
        expect(typeof isInNetworks(each, [network, each])).toBe('boolean');
        expect(typeof areWithinNetworks([each], [network])).toBe('boolean');
      }
    }),
    { numRuns: 1_000 },
  );
});
