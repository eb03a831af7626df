import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { KeywardApp } from '../../lib/keyward-app.ts';
import { ofType, readTemplate, type Template } from './template-file.ts';

const outdir = mkdtempSync(join(tmpdir(), 'keyward-context-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** Synthesized without bundles, and without CDK's validation, which takes long and only warns. */
const appOf = (context: object, folder = outdir) =>
  new KeywardApp({
    outdir: folder,
    builtinCloudFormationValidation: false,
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
  });

test('two products live in one account: a prefix names their stacks apart, and nothing in them has a fixed name', () => {
  const { directory, stacks } = appOf({ name: 'Acme' }).synth();
  expect(stacks.map(({ stackName }) => stackName).sort()).toEqual(['Acme-Api', 'Acme-Data', 'Acme-Sample']);
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.template.json'))) {
    for (const { Properties = {} } of Object.values(readTemplate(join(directory, file)))) {
      const names = [
        Properties.TableName,
        Properties.FunctionName,
        Properties.RoleName,
        Properties.LogGroupName,
      ];
      expect(names.filter((name) => typeof name === 'string')).toEqual([]);
    }
  }
});

test.each([
  ['an unknown profile', { profile: 'nowhere' }, 'There is no profile nowhere; there are '],
  [
    'a prefix that no stack can have',
    { name: 'no spaces please' },
    'The context value name must be letters, digits and hyphens',
  ],
  [
    'a console without TLS',
    { 'console-url': 'http://console.example.com/' },
    'The context value console-url must be an address such as https://console.example.com/.',
  ],
  [
    'nobody in particular who makes accounts',
    { accounts: 'all' },
    'The context value accounts must be operator or anyone.',
  ],
  [
    'an endpoint that is ajar',
    { 'default-endpoint': 'ajar' },
    'The context value default-endpoint must be open or closed.',
  ],
  ['a second factor now and then', { mfa: 'yes' }, 'The context value mfa must be optional or required.'],
  [
    'a topic that is none',
    { 'alarm-topic': 'pager' },
    'The context value alarm-topic must be the ARN of an SNS topic.',
  ],
  ...['29', '3651', '0', '-400', '40.5', '1e3', 'never', ''].map(
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

test('the default endpoints of both APIs are the context’s to close', () => {
  const closedIn = (context: object) => {
    const { directory } = appOf(context).synth();
    return ['Api', 'Sample'].map((part) => {
      const [api] = ofType(
        readTemplate(join(directory, `Keyward-${part}.template.json`)),
        'AWS::ApiGateway::RestApi',
      );
      return api?.Properties.DisableExecuteApiEndpoint;
    });
  };
  expect(closedIn({ 'default-endpoint': 'closed' })).toEqual([true, true]);
  expect(closedIn({})).toEqual([false, false]);
});

test('where the console is, and who makes accounts, is the context’s to say', () => {
  const context = { 'console-url': 'https://console.example.com/', accounts: 'anyone' };
  const { directory } = appOf(context, mkdtempSync(join(outdir, 'context-'))).synth();
  const data = readTemplate(join(directory, 'Keyward-Data.template.json'));
  const [client] = ofType(data, 'AWS::Cognito::UserPoolClient');
  const urls = ['http://127.0.0.1:4000/console/', 'https://console.example.com/'];
  expect(client?.Properties).toMatchObject({ CallbackURLs: urls, LogoutURLs: urls });
  const [pool] = ofType(data, 'AWS::Cognito::UserPool');
  expect(pool?.Properties.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: false });
});

test.each([
  ['400 days unless others are asked for', {}, '400'],
  ['as many days as are asked for', { 'events-retention-days': '30' }, '30'],
  ['ever, where that is asked for', { 'events-retention-days': 'forever' }, 'forever'],
])('the audit log is kept for %s: every function that writes it is told so', (_, context, days) => {
  const { directory } = appOf(context, mkdtempSync(join(outdir, 'retention-'))).synth();
  const read = (stack: string) =>
    JSON.parse(readFileSync(join(directory, `${stack}.template.json`), 'utf8')) as {
      Resources: Template;
      // biome-ignore lint/suspicious/noExplicitAny: outputs of every shape.
      Outputs: any;
    };
  const [data, api] = [read('Keyward-Data'), read('Keyward-Api')];
  expect(data.Outputs.EventsRetention.Value).toBe(days);
  const functions = [data, api].flatMap(({ Resources }) => ofType(Resources, 'AWS::Lambda::Function'));
  expect(functions.length).toBeGreaterThan(15);
  for (const { Properties } of functions)
    expect(Properties.Environment.Variables.KEYWARD_EVENT_RETENTION_DAYS).toBe(days);
});

test.each(['standard', 'supersonic', 'supertone', 'socialcrm', 'sophic'])(
  'no role of %s can change or delete an event, nor anything that goes with one',
  (profile) => {
    const { directory } = appOf({ profile }, mkdtempSync(join(outdir, 'append-only-'))).synth();
    const statements = ['Keyward-Data', 'Keyward-Api', 'Keyward-Sample'].flatMap((stack) => {
      const template = readTemplate(join(directory, `${stack}.template.json`));
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
