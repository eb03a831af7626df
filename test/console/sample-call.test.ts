import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { sampleCallOf } from '../../console/keys/sample-call.ts';
import { LANGUAGES, languagesOf, writeSample } from '../../console/keys/sample-text.ts';

const API = { url: 'https://api.example.com' };
type Config = Parameters<typeof sampleCallOf>[0];
const features = { personal_access_tokens: { workspace_header: 'x-workspace' } } as Config['features'];
const HTTP: Config = {
  features,
  realm: 'supertone',
  product_api: API,
  credential: { header: 'x-sup-api-key', scheme: null },
  first_call: { kind: 'http', method: 'GET', path: '/v1/voices' },
};
const MCP: Config = {
  features,
  realm: 'my-crm',
  product_api: API,
  credential: { header: 'authorization', scheme: 'Bearer' },
  first_call: {
    kind: 'mcp',
    path: '/mcp',
    rpc: { method: 'tools/call', params: { name: 'a: b, true', arguments: { deep: true, none: null } } },
  },
};

function samplesOf(
  config: Config,
  caller: Parameters<typeof sampleCallOf>[1] = { kind: 'key' },
): Record<string, string> {
  const call = sampleCallOf(config, caller);
  if (call === undefined) return {};
  return Object.fromEntries(languagesOf(call).map((language) => [language, writeSample(call, language)]));
}

describe('the first call', () => {
  test('has the real address and header, and reads the key from the environment', () => {
    expect(samplesOf(HTTP).curl).toBe(
      'curl https://api.example.com/v1/voices \\\n  -H "x-sup-api-key: $SUPERTONE_API_KEY"',
    );
    expect(samplesOf(MCP).curl).toContain('"Authorization: Bearer $MY_CRM_API_KEY"');
    for (const sample of [...Object.values(samplesOf(HTTP)), ...Object.values(samplesOf(MCP))])
      expect(sample).toMatch(/SUPERTONE_API_KEY|MY_CRM_API_KEY/);
  });

  test('a product that speaks MCP also gets the configuration of a client', () => {
    expect(Object.keys(samplesOf(HTTP))).toEqual(['curl', 'python', 'javascript']);
    expect(Object.keys(samplesOf(MCP))).toEqual([...LANGUAGES]);
    expect(JSON.parse(samplesOf(MCP).mcp ?? '')).toEqual({
      mcpServers: {
        'my-crm': {
          type: 'http',
          url: 'https://api.example.com/mcp',
          headers: { Authorization: expect.stringMatching(/^Bearer \$\{MY_CRM_API_KEY\}$/) },
        },
      },
    });
  });

  test('a token says which workspace it acts in, and stands in a variable of its own', () => {
    for (const sample of Object.values(samplesOf(HTTP, { kind: 'token', workspace: 'acme' }))) {
      expect(sample).toMatch(/x-workspace['": ]+acme/);
      expect(sample).toContain('SUPERTONE_PAT');
    }
  });

  test('nothing is shown where the deployment names no API or no call', () => {
    expect(samplesOf({ ...HTTP, product_api: null })).toEqual({});
    expect(samplesOf({ ...HTTP, first_call: null })).toEqual({});
  });

  test('the Python sample is Python, also where the body has true, null and colons in texts', () => {
    const { python } = samplesOf(MCP);
    expect(python).toContain('"name": "a: b, true"');
    expect(python).toContain('"deep": True, "none": None');
    const check = 'import ast, sys; ast.parse(sys.stdin.read())';
    expect(execFileSync('python3', ['-c', check], { input: python ?? '' }).toString()).toBe('');
  });
});
