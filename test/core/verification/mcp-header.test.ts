import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isToolName } from '../../../core/access/action-pattern.ts';
import { claimedVersion, eraOf, type McpMessage } from '../../../core/mcp/message.ts';
import {
  decodeName,
  findHeaderMismatch,
  requirementByHeaders,
} from '../../../core/verification/mcp-header.ts';
import type { MultiValueHeaders } from '../../../core/verification/presentation.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { encodedName, nearHeaders, toolCalls } from '../mcp/near-messages.ts';

const VERSION = '2026-07-28';
const { profile } = loadProfile('supersonic');
const call = (meta?: object, name = 'records.list'): McpMessage => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, ...(meta && { _meta: meta }) },
});
const claiming = (version: unknown) => ({ 'io.modelcontextprotocol/protocolVersion': version });
const modern = call(claiming(VERSION));
const headers = (fields: Record<string, string | string[]>): MultiValueHeaders =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value].flat()]));
const all = { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'records.list' };

describe('headers that repeat parts of an MCP message', () => {
  test('may be left out only by clients of older versions', () => {
    expect(findHeaderMismatch(call(), {})).toBeUndefined();
    expect(findHeaderMismatch(call(), headers({ 'mcp-protocol-version': '2025-11-25' }))).toBeUndefined();
    expect(findHeaderMismatch(modern, headers(all))).toBeUndefined();
    for (const name of Object.keys(all)) {
      const { [name as keyof typeof all]: _, ...others } = all;
      expect(findHeaderMismatch(modern, headers(others))).toBe(`The header ${name} is missing.`);
    }
  });

  test('never pass if they name another tool than the message', () => {
    let agreed = 0;
    fc.assert(
      fc.property(toolCalls, nearHeaders, (message, sent: MultiValueHeaders) => {
        if (findHeaderMismatch(message, sent) !== undefined) return;
        agreed += 1;
        const { name } = message.params;
        expect([[], [name], [encodedName(name)]]).toContainEqual(sent['Mcp-Name'] ?? []);
        expect([[], ['tools/call']]).toContainEqual(sent['Mcp-Method'] ?? []);
        expect(['any', requirementFor(profile, name)]).toContainEqual(requirementByHeaders(profile, sent));
        // What is decided by the body alone, such as a status, is then decided by the header as well.
        const version = claimedVersion(message) ?? sent['MCP-Protocol-Version']?.[0];
        expect(eraOf(message)).toBe(version === VERSION ? 'stateless' : 'handshake');
      }),
      { numRuns: 2000 },
    );
    expect(agreed).toBeGreaterThan(50);
  });

  test('must agree with the message in every version', () => {
    for (const message of [call(), modern]) {
      expect(findHeaderMismatch(message, headers({ ...all, 'Mcp-Name': 'records.update' }))).toBeDefined();
      expect(findHeaderMismatch(message, headers({ ...all, 'mcp-method': 'tools/list' }))).toBeDefined();
      expect(
        findHeaderMismatch(message, headers({ ...all, 'Mcp-Method': ['tools/call', 'tools/call'] })),
      ).toContain('more than once');
    }
    const { 'MCP-Protocol-Version': _, ...unversioned } = all;
    expect(findHeaderMismatch(call(), headers(unversioned))).toBeUndefined();
    expect(findHeaderMismatch(call(), headers({ ...unversioned, 'Mcp-Name': 'notes.list' }))).toContain(
      'differs',
    );
    expect(findHeaderMismatch(modern, headers({ ...all, 'MCP-Protocol-Version': '2025-11-25' }))).toContain(
      'differs',
    );
    expect(
      findHeaderMismatch({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers({ 'Mcp-Name': 'a.b' })),
    ).toContain('differs');
  });

  test.each(['banana', '', '2024-01-01', '2025-11-25 beta', '2025-06-18, 2025-06-18', 'unknown'])(
    'name a version of the protocol, or the answer says which versions there are: %j',
    (version) => {
      for (const message of [call(), modern, call(claiming(version))]) {
        expect(findHeaderMismatch(message, headers({ 'MCP-Protocol-Version': version }))).toBe(
          'The header MCP-Protocol-Version must name a version of the protocol: one of 2024-10-07, 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28.',
        );
      }
    },
  );

  test('that name a new version over an old body are answered with what the body lacks', () => {
    for (const version of [VERSION, '2027-01-01']) {
      const reason = findHeaderMismatch(call(), headers({ 'MCP-Protocol-Version': version }));
      expect(reason).toMatch(
        /^The header MCP-Protocol-Version names \d.+protocolVersion is missing in params/,
      );
      expect(reason).toContain(version);
    }
    const notification = { jsonrpc: '2.0', method: 'notifications/cancelled' } as const;
    expect(findHeaderMismatch(notification, headers({ 'MCP-Protocol-Version': VERSION }))).toBeUndefined();
  });

  test.each([[null], [7], [{}], ['banana'], ['']])(
    'are required where the body claims a version that does not exist: %j',
    (claim) => {
      expect(findHeaderMismatch(call(claiming(claim)), {})).toBe(
        'The header MCP-Protocol-Version is missing.',
      );
      expect(findHeaderMismatch(call(claiming(claim)), headers(all))).toContain('differs');
    },
  );

  test('may name anything if the method is unknown, because the method is refused as unknown', () => {
    const sent = { 'MCP-Protocol-Version': VERSION, 'Mcp-Name': 'file:///a' };
    const message = {
      id: 1,
      method: 'resources/read',
      params: { uri: 'file:///a', _meta: claiming(VERSION) },
    };
    expect(findHeaderMismatch(message, headers({ ...sent, 'Mcp-Method': 'resources/read' }))).toBeUndefined();
    expect(findHeaderMismatch(message, headers({ ...sent, 'Mcp-Method': 'tools/list' }))).toContain(
      'differs',
    );
  });
});

/** Letters that HTTP, base64 or UTF-8 treat in a way of their own. */
const LETTERS = [...'abz09._-*/?= \t\n\0é工😀', '\uFEFF', '\u00a0', '=?base64?', '?='];
const NAMES = fc.array(fc.constantFrom(...LETTERS), { maxLength: 8 }).map((letters) => letters.join(''));

describe('Mcp-Name', () => {
  test('may encode any tool name, and is compared after decoding', () => {
    fc.assert(
      fc.property(NAMES, (name) => {
        expect(decodeName(encodedName(name))).toBe(name);
        const message = call(claiming(VERSION), name);
        const sent = { ...all, 'Mcp-Name': encodedName(name) };
        expect(findHeaderMismatch(message, headers(sent))).toBeUndefined();
        expect(findHeaderMismatch(call(claiming(VERSION), `${name}a`), headers(sent))).toContain('differs');
        // A tool of a plain name may be encoded all the same, and requires the same.
        if (isToolName(name)) expect(requirementByHeaders(profile, headers(sent))).toEqual(toolsOwn(name));
      }),
    );
  });

  const toolsOwn = (name: string) => {
    const requirement = requirementFor(profile, name);
    return requirement === 'none' ? 'any' : requirement;
  };

  test('may have white space around it, and keeps the white space inside the name', () => {
    expect(findHeaderMismatch(modern, headers({ ...all, 'Mcp-Name': ' \t records.list\t' }))).toBeUndefined();
    const padded = call(claiming(VERSION), ' records.list ');
    expect(findHeaderMismatch(padded, headers({ ...all, 'Mcp-Name': ' records.list ' }))).toContain(
      'differs',
    );
    expect(findHeaderMismatch(modern, headers({ ...all, 'Mcp-Name': '\u00a0records.list' }))).toContain(
      'Mcp-Name',
    );
  });

  test.each([
    ['what is no base64', '=?base64?%%%?='],
    ['no padding', '=?base64?YS5iYg?='],
    ['padding in excess', '=?base64?YS5i====?='],
    ['the other alphabet', '=?base64?YT8_Yg==?='],
    ['blanks inside', '=?base64? YS5i ?='],
    ['a spelling with bits to spare', '=?base64?YR==?='],
    ['bytes that are not UTF-8', '=?base64?/w==?='],
    ['a surrogate in UTF-8', '=?base64?7aCA?='],
    ['two of them', '=?base64?YS5i?= =?base64?YS5i?='],
    ['letters beyond ASCII', 'récords.list'],
    ['bytes of UTF-8 read as Latin-1', 'rÃ©cords.list'],
    ['a control character', 'records.list\u0001'],
  ])('that is broken is refused by its name, and decides nothing: %s', (_, value) => {
    expect(decodeName(value)).toBeUndefined();
    const sent = headers({ ...all, 'Mcp-Name': value });
    expect(findHeaderMismatch(modern, sent)).toMatch(/^The header Mcp-Name must be /);
    expect(requirementByHeaders(profile, sent)).toBe('any');
  });

  test('is the plain name if the markers of an encoded name are not exact', () => {
    for (const value of ['=?BASE64?YS5i?=', '=?base64?YS5i', '=?base64?=', '=?utf-8?B?YS5i?='])
      expect(decodeName(value)).toBe(value);
    const literal = call(claiming(VERSION), '=?base64?YS5i?=');
    expect(findHeaderMismatch(literal, headers({ ...all, 'Mcp-Name': '=?base64?YS5i?=' }))).toContain(
      'differs',
    );
  });
});

describe('by headers alone, the authorizer', () => {
  test('refuses a tool that the scopes do not grant, in requests of 2026-07-28 and later', () => {
    for (const version of [VERSION, '2027-01-01']) {
      const sent = headers({ ...all, 'MCP-Protocol-Version': version });
      expect(requirementByHeaders(profile, sent)).toMatchObject({ requiredScope: 'records' });
    }
    for (const version of [[], ['2025-11-25'], ['banana'], [''], [VERSION, VERSION], [` ${VERSION}x`]]) {
      const sent = headers({ ...all, 'MCP-Protocol-Version': version });
      expect(requirementByHeaders(profile, sent)).toBe('any');
    }
  });

  test('never refuses an unknown tool, because the guard answers those as official servers do', () => {
    for (const name of ['nobody.knows', '*', 'GET /users', 'keyward.administer', encodedName('récords.list')])
      expect(requirementByHeaders(profile, headers({ ...all, 'Mcp-Name': name }))).toBe('any');
  });
});
