import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { LOGIN_CALLBACKS } from '../../core/management/sign-in.ts';
import { readDeployment } from '../../lib/files/deployment-file.ts';
import type { DeploymentFile } from '../../lib/files/deployment-schema.ts';
import { stackNameOf } from '../../lib/files/stack-names.ts';
import { KeywardApp } from '../../lib/keyward-app.ts';
import type { OwnIssuerSetting } from '../../lib/sign-in/own-issuer.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { ofType, readTemplate, type Template } from './template-file.ts';

type Settings = Partial<DeploymentFile>;

const outdir = mkdtempSync(join(tmpdir(), 'keyward-context-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** Synthesized without bundles, and without CDK's validation, which takes long and only warns. */
const appOf = (settings: Settings, folder = outdir) =>
  new KeywardApp({
    outdir: folder,
    builtinCloudFormationValidation: false,
    deployment: { profile: 'standard', ...settings },
    context: { 'aws:cdk:bundling-stacks': [] },
  });

test.each([
  ['its product', {}, 'Keyward-Standard'],
  ['its product, written as one word', { profile: 'supersonic-authorized' }, 'Keyward-SupersonicAuthorized'],
  ['its product, wherever the file is', { profile: '/elsewhere/orders-eu.json' }, 'Keyward-OrdersEu'],
  ['the name that it is given', { name: 'acme-eu' }, 'Keyward-AcmeEu'],
  [
    'all that stands before the part, for what was deployed so before',
    { stack_prefix: 'Keyward' },
    'Keyward',
  ],
])('the stacks of a deployment are named after %s', (_, deployment, prefix) => {
  const settings = readDeployment({ profile: 'standard', ...deployment });
  const names = (['Data', 'Api', 'Console', 'Sample'] as const).map((part) => stackNameOf(settings, part));
  expect(names).toEqual([`${prefix}-Data`, `${prefix}-Api`, `${prefix}-Console`, `${prefix}-Sample`]);
});

test('a file that the context names is refused where the app says itself what is deployed', () => {
  const context = { deployment: 'staging.json' };
  expect(() => new KeywardApp({ outdir, deployment: { profile: 'standard' }, context })).toThrow(
    'The context value deployment would do nothing',
  );
});

const assemblies = new Map<string, ReturnType<KeywardApp['synth']>>();

/** What settings are synthesized to, once for all tests. */
function synthesized(settings: Settings) {
  const name = JSON.stringify(settings);
  const assembly = assemblies.get(name) ?? appOf(settings, mkdtempSync(join(outdir, 'app-'))).synth();
  assemblies.set(name, assembly);
  return assembly;
}

const templateOf = (settings: Settings, stack: string) =>
  readTemplate(join(synthesized(settings).directory, `${stack}.template.json`));

/** Settings that do not get in each other's way. */
const SET: Settings = {
  name: 'acme-eu',
  sample: true,
  default_endpoint: 'closed',
  allowed_origins: ['https://a.example', 'http://localhost:5173'],
  console: { url: 'https://console.example.com/' },
  sign_in: { kind: 'cognito', accounts: 'anyone' },
  events: { retention_days: 30 },
  log_retention_days: 14,
  kms_key_arn: 'arn:aws:kms:eu-west-1:123456789012:key/1234-abcd',
};
const UNSET: Settings = { sample: true };
const SIGN_IN: OwnIssuerSetting = {
  issuer: 'https://login.example.com/',
  client: 'keyward-console',
  audience: 'https://keys.example.com',
  client_claim: 'azp',
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

test('a sample is deployed only if the settings ask for it, and the dashboard then shows its API', () => {
  const stacksWith = (settings: Settings) => {
    const { stacks } = synthesized(settings);
    const names = stacks.map(({ stackName }) => stackName).sort();
    const [dashboard] = ofType(templateOf(settings, 'Keyward-Standard-Api'), 'AWS::CloudWatch::Dashboard');
    return { names, isShown: JSON.stringify(dashboard).includes('Keyward-Standard-Sample') };
  };
  const [data, api, page, sample] = ['Data', 'Api', 'Console', 'Sample'].map(
    (part) => `Keyward-Standard-${part}`,
  );
  expect(stacksWith({})).toEqual({ names: [api, page, data], isShown: false });
  expect(stacksWith(UNSET)).toEqual({ names: [api, page, data, sample], isShown: true });
  expect(stacksWith({ console: { deploy: false } })).toEqual({ names: [api, data], isShown: false });
});

/** The templates of the two stacks with an API. */
const apisOf = (settings: Settings, prefix: string) =>
  ['Api', 'Sample'].map((part) => templateOf(settings, `${prefix}-${part}`));

test('a setting decides whether the default endpoints of both APIs are closed', () => {
  const isClosed = (template: Template) => {
    const [api] = ofType(template, 'AWS::ApiGateway::RestApi');
    return api?.Properties.DisableExecuteApiEndpoint;
  };
  expect(apisOf(SET, 'Keyward-AcmeEu').map(isClosed)).toEqual([true, true]);
  expect(apisOf(UNSET, 'Keyward-Standard').map(isClosed)).toEqual([false, false]);
});

test('both APIs accept pages of the origins that the settings name, and of no other', () => {
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

test('the settings say where the console is and who makes accounts', () => {
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

test('logs are kept, and tables encrypted, as the settings say', () => {
  const templates = ['Data', 'Api', 'Sample'].map((part) => templateOf(SET, `Keyward-AcmeEu-${part}`));
  const groups = templates.flatMap((template) => ofType(template, 'AWS::Logs::LogGroup'));
  expect(groups.length).toBeGreaterThan(30);
  expect(new Set(groups.map(({ Properties }) => Properties.RetentionInDays))).toEqual(new Set([14]));
  const tables = templates.slice(0, 2).flatMap((template) => ofType(template, 'AWS::DynamoDB::Table'));
  expect(tables).toHaveLength(5);
  for (const { Properties } of tables)
    expect(Properties.SSESpecification).toMatchObject({ KMSMasterKeyId: SET.kms_key_arn, SSEType: 'KMS' });
});

test('an issuer of one’s own takes the place of the user pool, and every part of the deployment names it', () => {
  const settings: Settings = { sign_in: { kind: 'oidc', ...SIGN_IN } };
  const data = templateOf(settings, 'Keyward-Standard-Data');
  expect(Object.values(data).filter(({ Type }) => Type.startsWith('AWS::Cognito::'))).toEqual([]);
  expect(ofType(data, 'AWS::Lambda::Function')).toEqual([]);
  const file = (name: string) => readFileSync(join(synthesized(settings).directory, name), 'utf8');
  const { Outputs } = JSON.parse(file('Keyward-Standard-Data.template.json'));
  expect(Outputs.IssuerUrl.Value).toBe(SIGN_IN.issuer);
  expect(Outputs).not.toHaveProperty('LoginUrl');
  const api = templateOf(settings, 'Keyward-Standard-Api');
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
  [
    'ever, where that is asked for',
    { events: { retention_days: 'forever' as const } },
    'Keyward-Standard',
    'forever',
  ],
])('the audit log is kept for %s: every function that writes it is told so', (_, settings, prefix, days) => {
  const { directory } = synthesized(settings);
  const { Outputs } = JSON.parse(readFileSync(join(directory, `${prefix}-Data.template.json`), 'utf8'));
  expect(Outputs.EventsRetention.Value).toBe(days);
  const functions = ['Data', 'Api'].flatMap((part) =>
    ofType(templateOf(settings, `${prefix}-${part}`), 'AWS::Lambda::Function'),
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
