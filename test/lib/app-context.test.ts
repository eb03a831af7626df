import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { LOGIN_CALLBACKS } from '../../core/management/sign-in.ts';
import { KeywardApp } from '../../lib/keyward-app.ts';
import { readSettings } from '../../lib/settings.ts';
import { stackNameOf } from '../../lib/stack-names.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { ofType, readTemplate, type Template } from './template-file.ts';

const outdir = mkdtempSync(join(tmpdir(), 'keyward-context-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** Synthesized without bundles, and without CDK's validation, which takes long and only warns. */
const appOf = (context: object, folder = outdir) =>
  new KeywardApp({
    outdir: folder,
    builtinCloudFormationValidation: false,
    context: { profile: 'standard', ...context, 'aws:cdk:bundling-stacks': [] },
  });

test.each([
  ['its product', {}, 'Keyward-Standard'],
  ['its product, written as one word', { profile: 'supersonic-authorized' }, 'Keyward-SupersonicAuthorized'],
  ['its product, wherever the file is', { profile: '/elsewhere/orders-eu.json' }, 'Keyward-OrdersEu'],
  ['the name that it is given', { name: 'acme-eu' }, 'Keyward-AcmeEu'],
  [
    'all that stands before the part, for what was deployed so before',
    { 'stack-prefix': 'Keyward' },
    'Keyward',
  ],
])('the stacks of a deployment are named after %s', (_, context, prefix) => {
  const settings = readSettings({ profile: 'standard', ...context });
  const names = (['Data', 'Api', 'Console', 'Sample'] as const).map((part) => stackNameOf(settings, part));
  expect(names).toEqual([`${prefix}-Data`, `${prefix}-Api`, `${prefix}-Console`, `${prefix}-Sample`]);
});

const assemblies = new Map<string, ReturnType<KeywardApp['synth']>>();

/** What a context is synthesized to, once for all tests. */
function synthesized(context: object) {
  const name = JSON.stringify(context);
  const assembly = assemblies.get(name) ?? appOf(context, mkdtempSync(join(outdir, 'app-'))).synth();
  assemblies.set(name, assembly);
  return assembly;
}

const templateOf = (context: object, stack: string) =>
  readTemplate(join(synthesized(context).directory, `${stack}.template.json`));

/** Settings that do not get in each other's way. */
const SET = {
  name: 'acme-eu',
  sample: true,
  'default-endpoint': 'closed',
  'allowed-origins': ['https://a.example', 'http://localhost:5173'],
  'console-url': 'https://console.example.com/',
  accounts: 'anyone',
  'events-retention-days': '30',
};
const UNSET = { sample: true };
const SIGN_IN = {
  issuer: 'https://login.example.com/',
  client: 'keyward-console',
  audience: 'https://keys.example.com',
  'client-claim': 'azp',
  scopes: ['openid', 'offline_access'],
};

test('two products live in one account: their stacks have names of their own, and nothing in them has a fixed one', () => {
  const { directory, stacks } = synthesized(SET);
  const names = stacks.map(({ stackName }) => stackName).sort();
  expect(names).toEqual(['Keyward-AcmeEu-Api', 'Keyward-AcmeEu-Data', 'Keyward-AcmeEu-Sample']);
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.template.json'))) {
    for (const { Properties = {} } of Object.values(readTemplate(join(directory, file)))) {
      const { TableName, FunctionName, RoleName, LogGroupName } = Properties;
      const fixed = [TableName, FunctionName, RoleName, LogGroupName];
      expect(fixed.filter((name) => typeof name === 'string')).toEqual([]);
    }
  }
});

test.each([
  ['an unknown profile', { profile: 'nowhere' }, 'There is no profile nowhere; there are '],
  ...['no spaces please', '', '1st', 'a'.repeat(41), 7, null, ['Acme'], { a: 1 }].flatMap((name) =>
    (['name', 'stack-prefix'] as const).map(
      (setting) =>
        [
          `a ${setting} that no stack can have, ${JSON.stringify(name)}`,
          { [setting]: name },
          `The context value ${setting} must be letters, digits and hyphens, at most 40 of them, a letter first.`,
        ] as const,
    ),
  ),
  [
    'two settings that name the stacks',
    { name: 'Acme', 'stack-prefix': 'Keyward' },
    'The context values name and stack-prefix both name the stacks: leave one out.',
  ],
  ...['', 5, null, true, ['standard'], { name: 'standard' }].map(
    (profile) =>
      [
        `a profile that is no text, ${JSON.stringify(profile)}`,
        { profile },
        'The context value profile must be the name of a profile, or the path of its file.',
      ] as const,
  ),
  ...['0', '61', 'long', '', '1.5', 30.5, true, [30]].map(
    (seconds) =>
      [
        `verdicts that are kept for ${JSON.stringify(seconds)}`,
        { 'cache-seconds': seconds },
        'The context value cache-seconds must be a whole number of seconds from 1 to 60.',
      ] as const,
  ),
  [
    'a console without TLS',
    { 'console-url': 'http://console.example.com/' },
    'The context value console-url must be an address such as https://console.example.com/.',
  ],
  [
    'a console beside an API that it cannot reach',
    { console: true, 'default-endpoint': 'closed' },
    'The console calls the management API at the address that API Gateway gives it: set default-endpoint to open, or console to false.',
  ],
  [
    'a certificate without a domain',
    { 'console-certificate': 'arn:aws:acm:us-east-1:123456789012:certificate/1234-abcd' },
    'The context value console-certificate is for a domain of your own: set console-url to its address',
  ],
  [
    'a certificate of another Region',
    { 'console-certificate': 'arn:aws:acm:eu-west-1:123456789012:certificate/1234-abcd' },
    'The context value console-certificate must be the ARN of a certificate in us-east-1',
  ],
  ...['https://a.example/*; script-src *', 'http://a.example/', 'javascript:alert(1)'].map(
    (url) =>
      [
        `an address such as ${url}`,
        { 'console-return-url': url },
        'The context value console-return-url must be an address such as https://app.example.com/settings.',
      ] as const,
  ),
  ...(
    [
      ['https://login.example.com/', 'must be an object.'],
      [7, 'must be an object.'],
      [{ ...SIGN_IN, isuer: 'x' }, 'has no field isuer: there are issuer, client, audience, user-claim, '],
      [{ ...SIGN_IN, client: undefined }, 'must have as client the id of a client without a secret.'],
      [
        { ...SIGN_IN, issuer: 'http://login.example.com' },
        'must have as issuer the issuer as its tokens name it',
      ],
      [
        { ...SIGN_IN, issuer: 'https://a.example; x' },
        'must have as issuer the issuer as its tokens name it',
      ],
      [
        { ...SIGN_IN, audience: SIGN_IN.client },
        'must have as audience the aud of the access tokens, which is not',
      ],
      [
        { ...SIGN_IN, 'access-token': 'jwt' },
        'must have as access-token at+jwt, audience, or a claim and its',
      ],
      [{ ...SIGN_IN, parameters: { resource: 7 } }, 'must have as parameters.resource a text.'],
    ] as const
  ).map(
    ([value, complaint]) =>
      [
        `an issuer of ${JSON.stringify(value)}`,
        { 'sign-in': value },
        `The context value sign-in ${complaint}`,
      ] as const,
  ),
  [
    'accounts of an issuer that is not Cognito',
    { 'sign-in': SIGN_IN, accounts: 'anyone' },
    'The context values accounts and mfa are about a user pool: with sign-in, your own issuer decides about both.',
  ],
  [
    'nobody in particular who makes accounts',
    { accounts: 'all' },
    'The context value accounts must be operator or anyone.',
  ],
  ...['yes', true, '', 'Required', ['required']].map(
    (mfa) =>
      [
        `a second factor of ${JSON.stringify(mfa)}`,
        { mfa },
        'The context value mfa must be optional or required.',
      ] as const,
  ),
  ...['yes', '', 1, null, 'True', ['true'], { true: true }, 'toString'].flatMap((value) =>
    (['sample', 'dashboard'] as const).map(
      (setting) =>
        [
          `a ${setting} that is neither asked for nor not, ${JSON.stringify(value)}`,
          { [setting]: value },
          `The context value ${setting} must be true or false.`,
        ] as const,
    ),
  ),
  ...['none', true, '', 'arn:aws:iam::123456789012:role/logs'].map(
    (role) =>
      [
        `a role for logs of ${JSON.stringify(role)}`,
        { 'account-log-role': role },
        'The context value account-log-role must be keyward or managed-elsewhere.',
      ] as const,
  ),
  [
    'verdicts that are kept of a sample that nobody asks for',
    { 'cache-seconds': 30, sample: false },
    'The context value cache-seconds is about calls of the sample API: it needs "sample": true as well.',
  ],
  [
    'an endpoint that is ajar',
    { 'default-endpoint': 'ajar' },
    'The context value default-endpoint must be open or closed.',
  ],
  ...(
    [
      ['*', 'name each origin, since * would let in pages that you did not name'],
      ['https://console.example.com/', 'leave out the slash at the end, since browsers send none'],
      ['http://console.example.com', 'write https://, since http:// is for localhost and 127.0.0.1 only'],
    ] as const
  ).map(
    ([origin, todo]) =>
      [
        `pages of ${origin}`,
        { 'allowed-origins': ['https://first.example', origin] },
        `The context value allowed-origins holds "${origin}": ${todo}.`,
      ] as const,
  ),
  [
    'pages of nowhere',
    { 'allowed-origins': '' },
    'The context value allowed-origins must be a list of origins, or a text with commas between them, such as https://console.example.com.',
  ],
  [
    'a text that is no topic ARN',
    { 'alarm-topic': 'pager' },
    'The context value alarm-topic must be the ARN of an SNS topic.',
  ],
  ...[true, 'yes', '', 'false'].map(
    (asked) =>
      [
        `adopting tables by ${JSON.stringify(asked)}`,
        { 'keyward:adopting': asked },
        'The context value keyward:adopting must be true.',
      ] as const,
  ),
  ...['29', '3651', '0', '-400', '40.5', '1e3', 'never', '', 29, 40.5].map(
    (days) =>
      [
        `events that are kept for ${days || 'nothing'}`,
        { 'events-retention-days': days },
        'The context value events-retention-days must be a whole number of days from 30 to 3650, or forever.',
      ] as const,
  ),
])('synth stops with one sentence at %s', (_, context, sentence) => {
  expect(() => appOf(context)).toThrow(sentence);
});

const KNOWN =
  'profile, name, stack-prefix, sample, sign-in, accounts, mfa, console-url, console, console-certificate, console-frame-origins, console-return-url, product-url, alarm-topic, events-retention-days, keys-per-member, default-endpoint, allowed-origins, account-log-role, dashboard, cache-seconds, keyward:adopting';

test.each([
  ...[
    'profle',
    'Profile',
    'alarm_topic',
    'cacheSeconds',
    'retention',
    'MFA',
    'console-url ',
    '',
    'toString',
    'keyward:adoptng',
  ],
])('a setting that is not known, "%s", stops synth, which names it and those that there are', (name) => {
  expect(() => appOf({ [name]: 'supertone' })).toThrow(
    `The context value ${name} is not known: there are ${KNOWN}.`,
  );
});

test('values that CDK itself writes into the context are accepted', () => {
  const ofCdk = {
    '@aws-cdk/core:newStyleStackSynthesis': true,
    'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'],
    'aws-cdk:enableDiffNoFail': true,
    'acknowledged-issue-numbers': [1],
    'cli-telemetry': false,
    'cdk-migrate': true,
  };
  expect(() => appOf(ofCdk)).not.toThrow();
});

test('a context without a profile is refused, and no default takes its place', () => {
  const context = { 'aws:cdk:bundling-stacks': [] };
  expect(() => new KeywardApp({ outdir, context })).toThrow(
    'The context names no profile: say in cdk.json which product is deployed',
  );
});

test('cdk.json names a profile and only known settings', () => {
  const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8'));
  expect(readSettings(context)).toMatchObject({ profile: 'standard', hasSample: true });
});

test('settings may be JSON values in cdk.json and texts on the command line, with the same meaning', () => {
  const [numbers, texts] = [
    {
      'cache-seconds': 30,
      'events-retention-days': 30,
      sample: true,
      dashboard: false,
      'allowed-origins': ['https://a.example', 'http://localhost'],
    },
    {
      'cache-seconds': '30',
      'events-retention-days': '30',
      sample: 'true',
      dashboard: 'false',
      'allowed-origins': 'https://a.example,http://localhost',
    },
  ];
  const profile = { profile: 'supertone' };
  expect(readSettings({ ...profile, ...numbers })).toEqual(readSettings({ ...profile, ...texts }));
  expect(readSettings({ ...profile, ...numbers })).toMatchObject({
    cacheSeconds: 30,
    eventRetention: 30,
    hasSample: true,
    hasDashboard: false,
  });
});

test('a sample is deployed only if the settings ask for it, and the dashboard then shows its API', () => {
  const stacksWith = (context: object) => {
    const { stacks } = synthesized(context);
    const names = stacks.map(({ stackName }) => stackName).sort();
    const [dashboard] = ofType(templateOf(context, 'Keyward-Standard-Api'), 'AWS::CloudWatch::Dashboard');
    return { names, isShown: JSON.stringify(dashboard).includes('Keyward-Standard-Sample') };
  };
  const [data, api, page, sample] = ['Data', 'Api', 'Console', 'Sample'].map(
    (part) => `Keyward-Standard-${part}`,
  );
  expect(stacksWith({})).toEqual({ names: [api, page, data], isShown: false });
  expect(stacksWith(UNSET)).toEqual({ names: [api, page, data, sample], isShown: true });
  expect(stacksWith({ console: false })).toEqual({ names: [api, data], isShown: false });
  expect(readSettings({ profile: 'standard', sample: 'false' }).hasSample).toBe(false);
  expect(readSettings({ profile: 'standard', sample: 'true' }).hasSample).toBe(true);
});

/** The templates of the two stacks with an API. */
const apisOf = (context: object, prefix: string) =>
  ['Api', 'Sample'].map((part) => templateOf(context, `${prefix}-${part}`));

test('the context decides whether the default endpoints of both APIs are closed', () => {
  const isClosed = (template: Template) => {
    const [api] = ofType(template, 'AWS::ApiGateway::RestApi');
    return api?.Properties.DisableExecuteApiEndpoint;
  };
  expect(apisOf(SET, 'Keyward-AcmeEu').map(isClosed)).toEqual([true, true]);
  expect(apisOf(UNSET, 'Keyward-Standard').map(isClosed)).toEqual([false, false]);
});

test('both APIs accept pages of the origins that the context names, and of no other', () => {
  const opened = (template: Template) => {
    const [stage] = ofType(template, 'AWS::ApiGateway::Stage');
    const methods = ofType(template, 'AWS::ApiGateway::Method');
    return {
      variables: stage?.Properties.Variables,
      preflights: methods.some(({ Properties }) => Properties.HttpMethod === 'OPTIONS'),
      says: JSON.stringify(template).includes('Access-Control'),
    };
  };
  const variables = { keywardAllowedOrigins: 'https://a.example,http://localhost:5173' };
  const open = { variables, preflights: true, says: true };
  expect(apisOf(SET, 'Keyward-AcmeEu').map(opened)).toEqual([open, open]);
  const closed = { variables: undefined, preflights: false, says: false };
  expect(apisOf(UNSET, 'Keyward-Standard').map(opened)).toEqual([closed, closed]);
});

test('the context says where the console is and who makes accounts', () => {
  const data = templateOf(SET, 'Keyward-AcmeEu-Data');
  const [client] = ofType(data, 'AWS::Cognito::UserPoolClient');
  const [here, there] = ['http://127.0.0.1:4000/console/', 'https://console.example.com/'];
  expect(client?.Properties).toMatchObject({
    CallbackURLs: [here, there, ...LOGIN_CALLBACKS],
    LogoutURLs: [here, there],
  });
  const [pool] = ofType(data, 'AWS::Cognito::UserPool');
  expect(pool?.Properties.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: false });
});

test('an issuer of one’s own takes the place of the user pool, and every part of the deployment names it', () => {
  const context = { 'sign-in': SIGN_IN };
  const data = templateOf(context, 'Keyward-Standard-Data');
  expect(Object.values(data).filter(({ Type }) => Type.startsWith('AWS::Cognito::'))).toEqual([]);
  expect(ofType(data, 'AWS::Lambda::Function')).toEqual([]);
  const file = (name: string) => readFileSync(join(synthesized(context).directory, name), 'utf8');
  const { Outputs } = JSON.parse(file('Keyward-Standard-Data.template.json'));
  expect(Outputs.IssuerUrl.Value).toBe(SIGN_IN.issuer);
  expect(Outputs).not.toHaveProperty('LoginUrl');
  const api = templateOf(context, 'Keyward-Standard-Api');
  const variablesOf = (name: string) => {
    const [, found] = Object.entries(api).find(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(name),
    ) ?? ['', undefined];
    return found?.Properties.Environment.Variables;
  };
  const named = {
    KEYWARD_ISSUER: SIGN_IN.issuer,
    KEYWARD_CLIENT_ID: SIGN_IN.client,
    KEYWARD_TOKEN_AUDIENCE: SIGN_IN.audience,
    KEYWARD_USER_CLAIM: 'sub',
    KEYWARD_CLIENT_CLAIM: 'azp',
    KEYWARD_ACCESS_TOKEN_MARK: 'at+jwt',
    KEYWARD_SIGN_IN_SCOPES: 'openid offline_access',
    KEYWARD_SIGN_IN_PARAMETERS: 'resource=https%3A%2F%2Fkeys.example.com',
  };
  expect(variablesOf('ManagementAuthorizer')).toMatchObject(named);
  expect(variablesOf('DescribeApi')).toMatchObject(named);
  expect(file('Keyward-Standard-Console.template.json')).toContain(
    "connect-src 'self' https://login.example.com/",
  );
});

test.each([
  ['400 days unless others are asked for', UNSET, 'Keyward-Standard', '400'],
  ['as many days as are asked for', SET, 'Keyward-AcmeEu', '30'],
  ['ever, where that is asked for', { 'events-retention-days': 'forever' }, 'Keyward-Standard', 'forever'],
])('the audit log is kept for %s: every function that writes it is told so', (_, context, prefix, days) => {
  const { directory } = synthesized(context);
  const { Outputs } = JSON.parse(readFileSync(join(directory, `${prefix}-Data.template.json`), 'utf8'));
  expect(Outputs.EventsRetention.Value).toBe(days);
  const functions = ['Data', 'Api'].flatMap((part) =>
    ofType(templateOf(context, `${prefix}-${part}`), 'AWS::Lambda::Function'),
  );
  const writing = functions
    .map(({ Properties }) => Properties.Environment.Variables)
    .filter((variables) => variables.KEYWARD_EVENTS_TABLE !== undefined);
  expect(writing.length).toBeGreaterThan(15);
  for (const variables of writing) expect(variables.KEYWARD_EVENT_RETENTION_DAYS).toBe(days);
});

test.each(['standard', 'supersonic', 'supertone', 'socialcrm', 'sophic'])(
  'no role of %s can change or delete an event, nor anything that goes with one',
  async (profile) => {
    const directory = await sharedAssembly(profile);
    const statements = (['Data', 'Api', 'Sample'] as const).flatMap((part) => {
      const template = readTemplate(join(directory, `${stackNameOf({ profile }, part)}.template.json`));
      return ofType(template, 'AWS::IAM::Policy').flatMap(
        ({ Properties }) => Properties.PolicyDocument.Statement,
      );
    });
    const onEvents = statements.filter(({ Resource }) => JSON.stringify(Resource).includes('KeysEvents'));
    expect(onEvents.length).toBeGreaterThan(10);
    const actions = new Set(onEvents.flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual(['dynamodb:PutItem', 'dynamodb:Query']);
    // A statement without a table of its own could be of all of them.
    for (const { Resource } of statements) expect(JSON.stringify(Resource)).not.toBe('"*"');
  },
);
