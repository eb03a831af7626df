import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { chooseDeployment } from '../../../lib/files/deployment-context.ts';
import { readDeployment, readDeploymentFile } from '../../../lib/files/deployment-file.ts';
import { LOG_RETENTION_DAYS } from '../../../lib/files/deployment-schema.ts';
import { OwnIssuer } from '../../../lib/sign-in/own-issuer.ts';
import { ROOT } from '../../bin/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-deployment-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const path = join(folder, 'keyward.json');
  writeFileSync(path, text);
  return path;
}

/** What is wrong with a deployment, without the place. */
function complaintAbout(settings: object): string {
  try {
    readDeploymentFile(fileOf(JSON.stringify({ profile: 'standard', ...settings })));
  } catch (error) {
    return (error as Error).message.replaceAll(/^\S+:\d+:\d+: /gm, '');
  }
  return '';
}

const SIGN_IN = {
  kind: 'oidc',
  issuer: 'https://login.example.com/',
  client: 'keyward-console',
  audience: 'https://keys.example.com',
};
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/1234-abcd';
const NAME = 'letters, digits and hyphens, at most 40 of them, a letter first';
const RETENTION = 'a whole number of days from 30 to 3650, or "forever"';

test.each<[string, unknown[], string]>([
  ['profile', ['', 5, null, true, ['standard']], 'the name of a profile, or the path of its file'],
  ['name', ['no spaces please', '', '1st', 'a'.repeat(41), 7, null, ['Acme'], { a: 1 }], NAME],
  ['stack_prefix', ['no spaces please', '', 7], NAME],
  ['sample', ['yes', 'true', '', 1, null, ['true']], 'true or false'],
  ['dashboard', ['yes', 0], 'true or false'],
  ['manage_account_log_role', ['keyward'], 'true or false'],
  ['cache_seconds', [0, 61, 1.5, '30', true], 'a whole number from 1 to 60'],
  ['keys_per_member', [0, 10_001, '500'], 'a whole number from 1 to 10000'],
  [
    'log_retention_days',
    [2, '90', 9999],
    'a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
  ],
  [
    'kms_key_arn',
    ['alias/keys', 'arn:aws:kms:eu-west-1:123456789012:alias/keys'],
    'the ARN of a key of KMS, and not that of an alias',
  ],
  ['default_endpoint', ['ajar', ''], '"open" or "closed"'],
])(
  'a deployment whose %s is not valid is refused, and its sentence says what was expected',
  (name, values, expected) => {
    for (const value of values)
      expect([value, complaintAbout({ [name]: value })]).toEqual([
        value,
        `The deployment's ${name} must be ${expected}.`,
      ]);
  },
);

test.each<[string, object, string]>([
  ['events', { retention_days: 29 }, `events.retention_days must be ${RETENTION}`],
  ['events', { retention_days: '400' }, `events.retention_days must be ${RETENTION}`],
  ['events', {}, 'events.retention_days must be given'],
  ['alarms', { topic_arn: 'pager' }, 'alarms.topic_arn must be the ARN of an SNS topic'],
  [
    'console',
    { url: 'http://console.example.com/' },
    'console.url must be an address such as https://console.example.com/',
  ],
  [
    'console',
    { return_url: 'https://a.example/*; script-src *' },
    'console.return_url must be an address that starts with https://, such as https://app.example.com/settings',
  ],
  [
    'console',
    { product_url: 'javascript:alert(1)' },
    'console.product_url must be an address that starts with https://, such as https://app.example.com/settings',
  ],
  ['console', { frame_origins: [] }, 'console.frame_origins must be a list of at least one origin'],
  [
    'domain',
    { name: 'https://keys.example.com', certificate_arn: CERTIFICATE },
    'domain.name must be a domain in lower case, such as keys.example.com',
  ],
  [
    'domain',
    { name: 'keys.example.com', certificate_arn: CERTIFICATE.replace('us-east-1', 'eu-west-1') },
    'domain.certificate_arn must be the ARN of a certificate in us-east-1, where CloudFront takes certificates from',
  ],
  ['domain', { name: 'keys.example.com' }, 'domain.certificate_arn must be given'],
  [
    'allowed_origins',
    ['https://a.example', '*'],
    'allowed_origins.1 must be an origin: name each origin, since * would let in pages that you did not name',
  ],
  [
    'allowed_origins',
    ['https://a.example/'],
    'allowed_origins.0 must be an origin: leave out the slash at the end, since browsers send none',
  ],
  [
    'allowed_origins',
    ['http://a.example'],
    'allowed_origins.0 must be an origin: write https://, since http:// is for localhost and 127.0.0.1 only',
  ],
  [
    'allowed_origins',
    ['https://a.example', 'https://a.example'],
    'allowed_origins must be a list that names nothing twice',
  ],
  [
    'allowed_origins',
    Array.from({ length: 40 }, (_, n) => `https://a${n}.example`),
    'allowed_origins must be a list of origins with at most 512 characters in all',
  ],
  ['sign_in', { kind: 'saml' }, 'sign_in.kind must be of the kind "cognito" or "oidc"'],
  ['sign_in', { kind: 'cognito', mfa: 'always' }, 'sign_in.mfa must be "optional" or "required"'],
  ['sign_in', { kind: 'cognito', accounts: 'all' }, 'sign_in.accounts must be "operator" or "anyone"'],
  ['sign_in', { ...SIGN_IN, mfa: 'required' }, 'sign_in.mfa must be left out, since it is for another kind'],
  [
    'sign_in',
    { ...SIGN_IN, isuer: 'x' },
    'sign_in.isuer must be left out, since no such field is known (did you mean issuer?)',
  ],
  ['sign_in', { ...SIGN_IN, client: 7 }, 'sign_in.client must be the id of a client without a secret'],
  ['sign_in', { ...SIGN_IN, client: undefined }, 'sign_in.client must be given'],
  [
    'sign_in',
    { ...SIGN_IN, issuer: 'https://a.example; x' },
    'sign_in.issuer must be the issuer as its tokens name it, such as https://login.example.com/, or http://127.0.0.1:PORT for a try',
  ],
  [
    'sign_in',
    { ...SIGN_IN, access_token: 'jwt' },
    'sign_in.access_token must be at+jwt, audience, or a claim and its value, such as token_use=access',
  ],
  ['sign_in', { ...SIGN_IN, parameters: { resource: 7 } }, 'sign_in.parameters.resource must be a text'],
])('a deployment whose %s is %j is refused', (name, value, sentence) => {
  expect(complaintAbout({ [name]: value })).toBe(`The deployment's ${sentence}.`);
});

test.each<[string, object, string]>([
  [
    'two settings that name the stacks',
    { name: 'Acme', stack_prefix: 'Keyward' },
    'name and stack_prefix both name the stacks: leave one out.',
  ],
  [
    'verdicts that are kept of a sample that nobody asks for',
    { cache_seconds: 30 },
    'cache_seconds is about calls of the sample API: it needs "sample": true as well.',
  ],
  [
    'a console beside an API that it cannot reach',
    { console: { deploy: true }, default_endpoint: 'closed' },
    'The console calls the management API at the address that API Gateway gives it: set default_endpoint to "open", or console.deploy to false.',
  ],
  [
    'two addresses of the console',
    {
      console: { url: 'https://a.example/' },
      domain: { name: 'keys.example.com', certificate_arn: CERTIFICATE },
    },
    'domain says already where the console is: leave console.url out.',
  ],
  [
    'a domain of nothing',
    { console: { deploy: false }, domain: { name: 'keys.example.com', certificate_arn: CERTIFICATE } },
    'domain is that of the console, and none is deployed: leave one of both out.',
  ],
  [
    'a client that is its own audience',
    { sign_in: { ...SIGN_IN, audience: SIGN_IN.client } },
    "The issuer's audience must be the aud of the access tokens, which is not the client.",
  ],
])('a deployment with %s is refused', (_, settings, sentence) => {
  expect(complaintAbout(settings)).toBe(sentence);
});

test('every mistake of the file is told at once, each with its line and column', () => {
  const path = fileOf('{\n  "profle": "standard",\n  "sample": yes,\n  "mfa": "required"\n}\n');
  const place = path.replace(process.cwd(), '').replace(/^\//, '');
  expect(() => readDeploymentFile(path)).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(
        /keyward\.json:2:3: The deployment's profle must be left out, since no such field is known \(did you mean profile\?\)\.\n.*keyward\.json:3:13: yes is not valid JSON\. .*\n.*keyward\.json:4:3: The deployment's mfa must be left out, since no such field is known\.$/,
      ),
    }),
  );
  expect(place).toContain('keyward.json');
});

test('no file, no profile and no object are refused with a sentence that shows a right one', () => {
  expect(() => readDeploymentFile(join(folder, 'nowhere.json'))).toThrow(
    `There is no file ${join(folder, 'nowhere.json')}. It says what is deployed, such as { "profile": "standard" }.`,
  );
  expect(() => readDeploymentFile(fileOf('{}'))).toThrow("1:1: The deployment's profile must be given.");
  expect(() => readDeploymentFile(fileOf('["standard"]'))).toThrow('1:1: The deployment must be an object.');
});

test('the path of a profile starts at the folder of the deployment’s file, and the name of one does not', () => {
  const read = (profile: string) => readDeploymentFile(fileOf(JSON.stringify({ profile }))).profile;
  expect(read('./orders.json')).toBe(join(folder, 'orders.json'));
  expect(read('/elsewhere/orders.json')).toBe('/elsewhere/orders.json');
  expect(read('standard')).toBe('standard');
});

test('what the file leaves out is said by defaults, and a domain is the address of the console', () => {
  expect(readDeployment({ profile: 'standard' })).toMatchObject({
    hasSample: false,
    hasConsole: true,
    hasDashboard: true,
    accountsMadeBy: 'operator',
    secondFactor: 'optional',
    accountLogRole: 'keyward',
    closesDefaultEndpoint: false,
    consoleUrl: undefined,
  });
  expect(readDeployment({ profile: 'standard', default_endpoint: 'closed' }).hasConsole).toBe(false);
  const domain = { name: 'keys.example.com', certificate_arn: CERTIFICATE };
  expect(readDeployment({ profile: 'standard', domain })).toMatchObject({
    consoleUrl: 'https://keys.example.com/console/',
    consoleDomain: { domainName: 'keys.example.com', certificateArn: CERTIFICATE },
  });
});

test('logs can be kept for as many days as CloudWatch knows', () => {
  const days = Object.values(RetentionDays).filter((each) => typeof each === 'number');
  expect([...LOG_RETENTION_DAYS, RetentionDays.INFINITE]).toEqual(days);
});

test('commands that read the file do not load CDK', () => {
  const program =
    "import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { if (name.startsWith('aws-cdk-lib')) throw new Error(name); return next(name, context); } }); await import('./lib/files/deployment-file.ts');";
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each(['__proto__', 'constructor', 'prototype'])(
  'a field with a name that JavaScript uses itself, %s, is an unknown field like any other',
  (name) => {
    const value = JSON.stringify({ [name]: {} }).slice(1, -1);
    const deployment = (text: string) => () => readDeployment(JSON.parse(text));
    expect(deployment(`{ "profile": "standard", ${value} }`)).toThrow(
      `The deployment's ${name} must be left out, since no such field is known.`,
    );
  },
);

test('this repository deploys the standard product with its sample', () => {
  expect(readDeploymentFile(join(ROOT, 'keyward.json'))).toMatchObject({
    profile: 'standard',
    hasSample: true,
  });
});

test.each([
  ...['profile', 'mfa', 'alarm-topic', 'sample', 'profle', '', 'toString', 'keyward:adoptng'],
  ...['sign_in:mfa', 'console/url', 'kms@key', 'aws'],
])('a setting in the context, "%s", stops synth: it would do nothing', (name) => {
  expect(() => chooseDeployment({ [name]: 'supertone' })).toThrow(
    `The context value ${name} is not known. The settings of a deployment stand in its file, keyward.json, and -c deployment=FILE names another one.`,
  );
});

test('the context may name the file of the deployment, and hold what CDK itself writes into it', () => {
  const ofCdk = {
    '@aws-cdk/core:newStyleStackSynthesis': true,
    '@aws-cdk-containers/ecs-service-extensions:enableDefaultLogDriver': true,
    'aws:cdk:bundling-stacks': [],
    'aws-cdk:enableDiffNoFail': true,
    'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'],
    'vpc-provider:account=123456789012:filter.isDefault=true:region=eu-west-1:returnAsymmetricSubnets=true':
      {},
    'endpoint-service-availability-zones:account=123456789012:region=eu-west-1:serviceName=s': [],
    'cc-api-provider:account=123456789012:exactIdentifier=x:region=eu-west-1:typeName=T': [],
    'plugin:pluginName=theirs': 1,
    'acknowledged-issue-numbers': [1],
    'cli-telemetry': false,
    'cdk-migrate': true,
  };
  expect(chooseDeployment(ofCdk)).toBeUndefined();
  expect(chooseDeployment({ ...ofCdk, deployment: 'eu.json', 'keyward:adopting': 'true' })).toBe('eu.json');
  expect(() => chooseDeployment({ deployment: 7 })).toThrow('must be the path of a file.');
  expect(() => chooseDeployment({ 'keyward:adopting': 'false' })).toThrow('must be true.');
});

test('an issuer that a CDK app names is held to the same rules', () => {
  const { kind: _, ...issuer } = SIGN_IN;
  expect(new OwnIssuer(issuer).issuerUrl).toBe(SIGN_IN.issuer);
  expect(() => new OwnIssuer({ ...issuer, audience: issuer.client })).toThrow('which is not the client');
  expect(() => new OwnIssuer({ ...issuer, issuer: 'login' })).toThrow(
    "The issuer's issuer must be the issuer as",
  );
});
