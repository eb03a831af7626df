import { describe, expect, test } from '@jest/globals';
import { findFirstCall } from '../../../core/profile/console.ts';
import { parseProfile, readProfile } from '../../../core/profile/parse-profile.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { complaint } from './complaint.ts';

const product = {
  name: 'my-crm',
  realm: 'my-crm',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'crm_', random_length: 30, checksum: true },
  issuing: { requires_name: true, requires_scopes: false },
  routes: ['GET /books', 'POST /books'],
};
const withScopes = {
  ...product,
  scopes: [
    { name: 'books:read', description: 'Reads books', grants: ['GET /books'] },
    { name: 'books:write', description: 'Writes books', grants: ['POST /books'] },
    { name: 'books', description: 'All of them', grants: ['GET /books'], implies: ['books:write'] },
  ],
};
const withMcp = {
  ...product,
  mcp: { path: '/mcp', tools: ['books.list'], public_methods: [], unauthorized_code: 401 },
};

function consoleOf(data: unknown) {
  const read = readProfile(data);
  if (read.kind === 'profile') return read.console;
  throw new Error(read.mistakes[0].sentence);
}

test.each<[string, readonly string[], string, string]>([
  ['supersonic', ['Settings', 'Developers', 'API Keys'], 'Create Key', 'workspace'],
  ['supertone', ['API Keys'], 'Create new key', 'account'],
  ['standard', ['Settings', 'API Keys'], 'Create key', 'workspace'],
  ['socialcrm', ['Settings', 'API Keys'], 'Create API Key', 'company'],
  ['sophic', ['Settings', 'Developer'], 'Create a new API key', 'workspace'],
])(
  'the console of %s stands where its page says, and its button says the same',
  (name, place, label, word) => {
    const { console } = loadProfile(name);
    expect([console.place, console.createLabel, console.words.workspace]).toEqual([place, label, word]);
  },
);

test('a product that says nothing about its console gets a whole one', () => {
  expect(consoleOf(withScopes)).toEqual({
    product: 'My Crm',
    place: ['Settings', 'API Keys'],
    createLabel: 'Create API key',
    words: { workspace: 'workspace', workspaces: 'workspaces' },
    accent: '#2457d6',
    nameExamples: ['production-backend', 'ci-pipeline', 'local-dev'],
    readOnlyScopes: ['books:read'],
  });
});

describe('a console is refused with a sentence that says what was expected', () => {
  test.each<[object, string]>([
    [{ product: '' }, "The profile's console.product must be a text of 1 to 60 characters on one line."],
    [{ product: 'a\nb' }, "The profile's console.product must be a text of 1 to 60 characters on one line."],
    [
      { product: '\u200B' },
      "The profile's console.product must be a text of 1 to 60 characters on one line.",
    ],
    [{ place: [] }, 'console.place must be a list of at least one text, such as ["Settings", "API Keys"].'],
    [{ default_expiry_days: 45 }, 'console.default_expiry_days must be one of 7, 30, 60, 90'],
    [{ accent: 'blue' }, 'console.accent must be a colour such as #2457d6'],
    [{ accent: '#fff;}*{' }, 'console.accent must be a colour such as #2457d6'],
    [{ logo: '../secret.svg' }, 'console.logo must be the name of an SVG or PNG file beside the profile'],
    [{ logo: 'https://a.example/l.svg' }, 'console.logo must be the name of an SVG or PNG file'],
    [{ words: { workspace: 'account' } }, "The profile's console.words.workspaces must be"],
    [
      { creat_label: 'Make' },
      'console.creat_label must be left out, since no such field is known (did you mean create_label?).',
    ],
    [{ read_only_scopes: ['books:raed'] }, 'scope books:raed, which the profile does not define'],
    [{ first_tool: { name: 'books.list' } }, 'has console.first_tool, but it does not serve MCP.'],
  ])('%j', (console, sentence) => {
    expect(complaint({ ...withScopes, console })).toContain(sentence);
  });

  test('a tool that the product does not have', () => {
    expect(complaint({ ...withMcp, console: { first_tool: { name: 'books.lst' } } })).toBe(
      "The profile's console calls the tool books.lst, which is not among its mcp.tools; did you mean books.list?",
    );
  });
});

describe('the first call that a page shows', () => {
  test('reads, where the product has a route that reads', () => {
    expect(findFirstCall(parseProfile(product))).toEqual({ kind: 'http', method: 'GET', path: '/books' });
  });

  test('lists the tools of a product that only serves MCP', () => {
    const profile = parseProfile({ ...withMcp, routes: [] });
    expect(findFirstCall(profile)).toMatchObject({ kind: 'mcp', message: { method: 'tools/list' } });
  });

  test('is the call of the page, where the profile names one', () => {
    const { profile, console } = loadProfile('supersonic');
    expect(findFirstCall(profile, console.firstTool)).toEqual({
      kind: 'mcp',
      path: '/',
      message: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'records.list', arguments: { object_type_slug: 'companies' } },
      },
    });
  });
});
