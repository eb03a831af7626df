import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MCP_METHODS, readMcpMessage } from '../../../core/mcp/message.ts';
import { nearMessages } from './near-messages.ts';

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
        if (outcome.kind !== 'message') return;
        messages += 1;
        const { message } = outcome;
        // JSON has no negative zero, and drops what is undefined.
        const { params, ...others } = JSON.parse(JSON.stringify(value));
        expect(message).toEqual({ ...others, ...(params !== null && { params }) });
        if (message.id === undefined) return expect(message.method).toMatch(/^notifications\//);
        expect(MCP_METHODS).toContain(message.method);
        if (message.method === 'tools/call') expect(typeof message.params?.name).toBe('string');
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
    ['invalid_request', { jsonrpc: '2.0', id: null, method: 'notifications/initialized' }, null],
    ['invalid_request', { jsonrpc: '2.0', id: true, method: 'ping' }, null],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call', params: ['records.list'] }, 3],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call' }, 3],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call', params: null }, 3],
    ['invalid_params', { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 7 } }, 3],
    ['parse_error', '\uFEFF\uFEFF{"jsonrpc":"2.0","id":1,"method":"ping"}', null],
  ])('refuses with %s: %j', (code, body, id) => {
    expect(read(body)).toMatchObject({ kind: 'unreadable', code, id });
  });

  test.each(['tools/Call', 'notifications/initialized', 'toString', 'resources/list'])(
    'hands on no request of a method that it does not know: %s',
    (method) => {
      const message = { id: 2, method, params: { a: 1 } };
      expect(read({ jsonrpc: '2.0', ...message })).toEqual({ kind: 'unknown_method', message });
    },
  );

  test.each([
    ['params that are null', '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}'],
    ['a byte order mark', '\uFEFF{"jsonrpc":"2.0","id":1,"method":"ping"}'],
    ['line breaks around', '\n{"jsonrpc":"2.0","id":1,"method":"ping"}\r\n\n'],
    ['a whole number with a point', '{"jsonrpc":"2.0","id":1.0,"method":"ping"}'],
    ['further members', '{"jsonrpc":"2.0","id":1,"method":"ping","sessionId":null}'],
  ])('takes what clients send: %s', (_, text) => {
    const message = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect(readMcpMessage(text)).toEqual({ kind: 'message', message });
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
