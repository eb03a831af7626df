import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { headerMismatch, requirementByHeaders } from '../../core/mcp-header.ts';
import { MCP_METHODS, type McpMessage, readMcpMessage } from '../../core/mcp-message.ts';
import type { MultiValueHeaders } from '../../core/presentation.ts';
import { requirementFor } from '../../core/requirement.ts';
import { loadProfile } from '../../lib/profile-file.ts';
import { nearHeaders, nearMessages, toolCalls } from './near-messages.ts';

const read = (value: unknown) => readMcpMessage(typeof value === 'string' ? value : JSON.stringify(value));

describe('reading a message', () => {
  test('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(() => readMcpMessage(text)).not.toThrow()));
    fc.assert(fc.property(fc.json(), (text) => expect(() => readMcpMessage(text)).not.toThrow()));
  });

  test('lets nothing pass but known methods with an id, and notifications without', () => {
    let messages = 0;
    fc.assert(
      fc.property(nearMessages, (value) => {
        const outcome = read(value);
        if (outcome.kind === 'unreadable') return;
        messages += 1;
        const { message } = outcome;
        // JSON has no negative zero, and drops what is undefined.
        expect(message).toEqual(JSON.parse(JSON.stringify(value)));
        if (message.id === undefined) return expect(message.method).toMatch(/^notifications\//);
        expect(MCP_METHODS).toContain(message.method);
        if (message.method === 'tools/call') expect(message.params.name).toMatch(/^[\w-]+(\.[\w-]+)*$/);
      }),
      { numRuns: 3000 },
    );
    expect(messages).toBeGreaterThan(100);
  });

  test.each([
    ['parse_error', '{"jsonrpc":"2.0",', null],
    ['parse_error', '', null],
    ['invalid_request', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], null],
    ['invalid_request', { jsonrpc: '1.0', id: 1, method: 'ping' }, null],
    ['invalid_request', { id: 1, method: 'ping' }, null],
    ['invalid_request', 'null', null],
    ['invalid_request', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'records.list' } }, null],
    ['invalid_request', { jsonrpc: '2.0', id: null, method: 'tools/call', params: { name: 'a.b' } }, null],
    ['invalid_request', { jsonrpc: '2.0', id: 1.5, method: 'ping' }, null],
    ['invalid_request', { jsonrpc: '2.0', id: 7, result: {}, method: 'ping' }, 7],
    ['invalid_request', { jsonrpc: '2.0', id: 7, result: {} }, null],
    ['method_not_found', { jsonrpc: '2.0', id: 'a', method: 'tools/Call' }, 'a'],
    ['method_not_found', { jsonrpc: '2.0', id: 2, method: 'notifications/initialized' }, 2],
    ['method_not_found', { jsonrpc: '2.0', id: 2, method: 'toString' }, 2],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call', params: ['records.list'] }, 3],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call' }, 3],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'records.*' } }, 3],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'GET /users' } }, 3],
  ])('refuses with %s: %j', (code, body, id) => {
    expect(read(body)).toMatchObject({ kind: 'unreadable', code, id });
  });

  test('hands on what was read, and nothing beside it', () => {
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'a.b', arguments: { x: 1 } },
    };
    expect(read({ ...call, extra: true })).toEqual({ kind: 'message', message: call });
    const twice = '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}';
    expect(read(twice)).toEqual({
      kind: 'message',
      message: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
    });
  });
});

describe('headers that repeat the message', () => {
  const VERSION = '2026-07-28';
  const call = (meta?: object): McpMessage => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'records.list', ...(meta && { _meta: meta }) },
  });
  const modern = call({ 'io.modelcontextprotocol/protocolVersion': VERSION });
  const headers = (fields: Record<string, string | string[]>) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value].flat()]));
  const all = { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'records.list' };

  test('may be left out by clients of the older versions only', () => {
    expect(headerMismatch(call(), {})).toBeUndefined();
    expect(headerMismatch(call(), headers({ 'mcp-protocol-version': '2025-11-25' }))).toBeUndefined();
    expect(headerMismatch(modern, headers(all))).toBeUndefined();
    for (const name of Object.keys(all)) {
      const { [name as keyof typeof all]: _, ...others } = all;
      expect(headerMismatch(modern, headers(others))).toBe(`The header ${name} is missing.`);
    }
    expect(headerMismatch(call(), headers({ 'MCP-Protocol-Version': VERSION }))).toContain('is missing');
  });

  test('never agree with a message that calls another tool, whatever else is sent', () => {
    let agreed = 0;
    fc.assert(
      fc.property(toolCalls, nearHeaders, (message, sent: MultiValueHeaders) => {
        if (headerMismatch(message, sent) !== undefined) return;
        agreed += 1;
        expect([[], [message.params.name]]).toContainEqual(sent['Mcp-Name'] ?? []);
        expect([[], ['tools/call']]).toContainEqual(sent['Mcp-Method'] ?? []);
        const { profile } = loadProfile('supersonic');
        const byHeaders = requirementByHeaders(profile, sent);
        expect(['any', requirementFor(profile, message.params.name)]).toContainEqual(byHeaders);
      }),
      { numRuns: 2000 },
    );
    expect(agreed).toBeGreaterThan(50);
  });

  test('have to agree with it whatever the version', () => {
    for (const message of [call(), modern]) {
      expect(headerMismatch(message, headers({ ...all, 'Mcp-Name': 'records.update' }))).toContain('differs');
      expect(headerMismatch(message, headers({ ...all, 'mcp-method': 'tools/list' }))).toBeDefined();
      expect(
        headerMismatch(message, headers({ ...all, 'Mcp-Method': ['tools/call', 'tools/call'] })),
      ).toContain('more than once');
    }
    expect(headerMismatch(modern, headers({ ...all, 'MCP-Protocol-Version': '2025-11-25' }))).toContain(
      'differs',
    );
    expect(
      headerMismatch({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers({ 'Mcp-Name': 'a.b' })),
    ).toContain('differs');
  });
});
