import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { awsAccess } from '../../bin/aws-access.ts';
import { sentenceOf } from '../../bin/aws-fault.ts';
import { endOf } from './command-line.ts';
import { run } from './processes.ts';

/** What a proxy was asked for: `host:port` to open a tunnel to, or an address. */
const asked: string[] = [];

/** A proxy that opens no tunnel, and answers every other request as a service would that knows no such thing. */
const proxy = createServer((request, response) => {
  asked.push(request.url ?? '');
  response.writeHead(400).end();
}).on('connect', ({ url = '' }, socket) => {
  asked.push(url);
  socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
});
const home = mkdtempSync(join(tmpdir(), 'keyward-home-'));

let address: string;
beforeAll(async () => {
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => {
  proxy.close();
  rmSync(home, { recursive: true });
});

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

async function keyward(env: Record<string, string>, ...args: string[]) {
  const own = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  };
  return endOf(
    run(process.execPath, ['bin/keyward.mjs', ...args, 'management-keys', 'list'], { ...own, ...env }),
  );
}

test('HTTPS_PROXY, in capitals or not, is the way to CloudFormation and to DynamoDB', async () => {
  const env = { ...KEYS, AWS_REGION: 'eu-central-1' };
  const { code, stdout, stderr } = await keyward({ ...env, HTTPS_PROXY: address });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^keyward: .+\n$/);
  await keyward({ ...env, https_proxy: address }, '--tables', 'one,two,three,four');
  expect([...new Set(asked)]).toEqual([
    'cloudformation.eu-central-1.amazonaws.com:443',
    'dynamodb.eu-central-1.amazonaws.com:443',
  ]);
});

test('HTTP_PROXY is the way to an endpoint without TLS, and nothing that NO_PROXY names goes through a proxy', async () => {
  const endpoint = 'http://cloudformation.example:8080';
  const env = { ...KEYS, AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: endpoint, HTTP_PROXY: address };
  await keyward(env);
  expect(asked).toEqual([`${endpoint}/`]);
  asked.length = 0;
  const { code, stderr } = await keyward({
    ...env,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    NO_PROXY: '127.0.0.1',
  });
  expect(asked).toEqual([]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('AWS was not reached') });
});

test('credentials of a single sign-on are asked for through the proxy as well', async () => {
  const startUrl = 'https://example.awsapps.com/start';
  const cache = join(home, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    join(home, '.aws/config'),
    `[profile sso]\nsso_start_url=${startUrl}\nsso_region=eu-west-1\nsso_account_id=111122223333\nsso_role_name=operator\nregion=eu-central-1\n`,
  );
  const token = { accessToken: 'test', expiresAt: '2099-01-01T00:00:00Z', startUrl, region: 'eu-west-1' };
  const name = createHash('sha1').update(startUrl).digest('hex');
  writeFileSync(join(cache, `${name}.json`), JSON.stringify(token));
  const { code } = await keyward({ AWS_PROFILE: 'sso', HTTPS_PROXY: address });
  expect(code).toBe(1);
  expect([...new Set(asked)]).toEqual(['portal.sso.eu-west-1.amazonaws.com:443']);
});

test('a proxy that is no address is refused, in every variable that can name one', () => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])
    for (const proxyText of ['proxy:3128', 'http://', 'socks5://127.0.0.1:1080'])
      expect(() => awsAccess({ [name]: proxyText })).toThrow(
        `${name} must be an address such as http://proxy.example.com:3128.`,
      );
});

test('nothing goes around a proxy that is no address', async () => {
  const env = { ...KEYS, AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: address };
  const refused = await keyward({ ...env, HTTPS_PROXY: 'proxy:3128' });
  const sentence = 'keyward: HTTPS_PROXY must be an address such as http://proxy.example.com:3128.\n';
  expect(refused).toEqual({ code: 1, stdout: '', stderr: sentence });
  expect(asked).toEqual([]);
  expect(await keyward(env)).toMatchObject({ code: 1, stderr: expect.stringContaining(' answered 400 ') });
});

test.each([
  ['no Region', KEYS, /No AWS Region is set: .*AWS_REGION=eu-central-1/],
  [
    'no credentials',
    { AWS_REGION: 'eu-central-1' },
    /No AWS credentials were found: .*AWS_PROFILE.*AWS_ACCESS_KEY_ID/,
  ],
  [
    'a profile that does not exist',
    { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'nobody' },
    /No AWS credentials were found under the profile nobody: /,
  ],
])('%s is one sentence that names the variable, with stacks and with tables', async (_, env, sentence) => {
  const ends = await Promise.all([keyward(env), keyward(env, '--tables', 'one,two,three,four')]);
  for (const { code, stdout, stderr } of ends) {
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^keyward: [^\n]+\.\n$/);
    expect(stderr).toMatch(sentence);
  }
});

test('an error without a message is shown by its code, and a thrown value that is no error gets a sentence', () => {
  const silent = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
  expect(sentenceOf(silent)).toMatch(/^AWS was not reached \(ECONNREFUSED\): /);
  for (const nothing of ['', null, new Error('')]) expect(sentenceOf(nothing)).toBe('Something went wrong.');
});
