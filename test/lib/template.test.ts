import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { managementRoutesOf } from '../../core/management/route.ts';
import { LOGIN_CALLBACKS, SIGN_IN_PATH } from '../../core/management/sign-in.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { DESCRIPTION_PATH } from '../../openapi/open-paths.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { ofType, type Resource, readTemplate } from './template-file.ts';

const ROUTES = managementRoutesOf(loadProfile('standard').profile);
/** Everybody can call it. */
const EXCHANGE = 'POST /v1/sessions/exchange';
const assembly = await sharedAssembly('standard');
const templateOf = (stack: string) => readTemplate(join(assembly, `${stack}.template.json`));
const DATA = templateOf('Keyward-Standard-Data');
const APIS = {
  'Keyward-Standard-Api': templateOf('Keyward-Standard-Api'),
  'Keyward-Standard-Sample': templateOf('Keyward-Standard-Sample'),
};
const all = (type: string) => Object.values(APIS).flatMap((template) => ofType(template, type));
const STACKS = { 'Keyward-Standard-Data': DATA, ...APIS };
const everywhere = (type: string) => Object.values(STACKS).flatMap((template) => ofType(template, type));

/** The path of a resource of the management API; empty for a resource of another. */
function pathOf(id: string): string {
  const { ParentId, PathPart } = APIS['Keyward-Standard-Api'][id]?.Properties ?? {};
  return PathPart === undefined ? '' : `${pathOf(ParentId.Ref ?? '')}/${PathPart}`;
}

describe('the tables of keys', () => {
  const tables = ofType(DATA, 'AWS::DynamoDB::Table');

  test('are paid for by use, encrypted at rest, and can be restored to any second', () => {
    expect(tables).toHaveLength(4);
    for (const { Properties } of tables) {
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
      expect(Properties.DeletionProtectionEnabled).toBe(true);
      expect(Properties.SSESpecification).toEqual({ SSEEnabled: true });
    }
  });

  test('expire only items with a deletion time: ended secrets, invitations and old events', () => {
    const lifeOf = (name: string) =>
      Object.entries(DATA).find(([id, { Type }]) => Type === 'AWS::DynamoDB::Table' && id.includes(name))?.[1]
        .Properties.TimeToLiveSpecification;
    const expiring = { AttributeName: 'deleteAt', Enabled: true };
    const tableNames = ['Secrets', 'Records', 'Events', 'ManagementKeys'];
    expect(tableNames.map(lifeOf)).toEqual(tableNames.map(() => expiring));
  });
});

describe('the people who sign in', () => {
  const [pool] = ofType(DATA, 'AWS::Cognito::UserPool');
  const [client] = ofType(DATA, 'AWS::Cognito::UserPoolClient');

  test('sign in with a verified address in any case, and cannot make accounts themselves', () => {
    expect(pool).toMatchObject({
      Properties: {
        DeletionProtection: 'ACTIVE',
        UsernameAttributes: ['email'],
        UsernameConfiguration: { CaseSensitive: false },
        AutoVerifiedAttributes: ['email'],
        UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
        MfaConfiguration: 'OPTIONAL',
      },
    });
    const { MinimumLength, ...required } = pool?.Properties.Policies.PasswordPolicy ?? {};
    expect(MinimumLength).toBeGreaterThanOrEqual(12);
    expect(required).toMatchObject({ RequireLowercase: true, RequireUppercase: true, RequireNumbers: true });
    expect(required).toMatchObject({ RequireSymbols: true });
  });

  test('sign in only by the code flow, on the pages of the user pool, as a client without a secret', () => {
    expect(client?.Properties).toMatchObject({
      ClientName: 'keyward-console',
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email'],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: 'ENABLED',
      CallbackURLs: ['http://127.0.0.1:4000/console/', ...LOGIN_CALLBACKS],
    });
    const { AccessTokenValidity, TokenValidityUnits } = client?.Properties ?? {};
    expect(TokenValidityUnits.AccessToken).toBe('minutes');
    expect(AccessTokenValidity).toBeLessThanOrEqual(60);
    expect(ofType(DATA, 'AWS::Cognito::UserPoolDomain')[0]?.Properties.ManagedLoginVersion).toBe(2);
    expect(ofType(DATA, 'AWS::Cognito::ManagedLoginBranding')).toHaveLength(1);
  });

  test('pass one function before they get tokens, and only their user pool may call it', () => {
    const functions = Object.entries(DATA).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(1);
    const [[id, fn] = ['', undefined]] = functions;
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    expect(pool?.Properties.LambdaConfig).toEqual({ PreTokenGeneration: arn });
    expect(fn?.Properties.Timeout).toBeLessThanOrEqual(5);
    const [permission, another] = ofType(DATA, 'AWS::Lambda::Permission');
    expect(another).toBeUndefined();
    expect(permission?.Properties).toMatchObject({
      Action: 'lambda:InvokeFunction',
      FunctionName: arn,
      Principal: 'cognito-idp.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [expect.stringContaining('People'), 'Arn'] },
    });
  });

  test('have their access tokens verified only with keys fetched over TLS from the user pool', () => {
    const authorizer = ofType(APIS['Keyward-Standard-Api'], 'AWS::Lambda::Function').find(
      ({ Properties }) => Properties.Environment.Variables.KEYWARD_ISSUER !== undefined,
    );
    expect(JSON.stringify(authorizer?.Properties.Environment.Variables.KEYWARD_ISSUER)).toContain(
      'ProviderURL',
    );
    for (const template of [DATA, ...Object.values(APIS)])
      expect(JSON.stringify(template)).not.toMatch(/insecure/i);
  });
});

describe('every API', () => {
  test('has no method without the authorizer but those that describe the management API and start sessions', () => {
    const methods = all('AWS::ApiGateway::Method');
    expect(methods.length).toBeGreaterThan(ROUTES.length);
    const open = methods.filter(({ Properties }) => Properties.AuthorizationType === 'NONE');
    const paths = open.map(({ Properties }) => pathOf(Properties.ResourceId.Ref));
    expect(paths.sort()).toEqual([DESCRIPTION_PATH, SIGN_IN_PATH, '/v1/sessions/exchange']);
    for (const { Properties } of methods.filter((method) => !open.includes(method))) {
      expect(Properties.AuthorizationType).toBe('CUSTOM');
      expect(Properties.AuthorizerId).toBeDefined();
      expect(Properties.ApiKeyRequired).not.toBe(true);
    }
  });

  test('takes TLS 1.2 or newer', () => {
    for (const { Properties } of all('AWS::ApiGateway::RestApi'))
      expect(Properties.SecurityPolicy).toBe('TLS_1_2');
  });

  test('is deployed after the stack of the tables, the only one that sets the account’s role for logs', () => {
    const setting = Object.entries(STACKS).filter(
      ([, template]) => ofType(template, 'AWS::ApiGateway::Account').length > 0,
    );
    expect(setting.map(([stack]) => stack)).toEqual(['Keyward-Standard-Data']);
    const { artifacts } = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8'));
    for (const stack of Object.keys(APIS))
      expect(artifacts[stack].dependencies).toContain('Keyward-Standard-Data');
  });

  test('caches no verdict by default, and has its authorizer in its own stack', () => {
    const authorizers = all('AWS::ApiGateway::Authorizer');
    expect(authorizers).toHaveLength(2);
    for (const { Properties } of authorizers) {
      expect(Properties).toMatchObject({ Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 });
      expect(JSON.stringify(Properties.AuthorizerUri)).not.toContain('ImportValue');
    }
  });

  test('logs no header, no query, no raw path, and no message made of them', () => {
    const stages = all('AWS::ApiGateway::Stage');
    expect(stages).toHaveLength(2);
    for (const { Properties } of stages) {
      const variables = [...Properties.AccessLogSetting.Format.matchAll(/\$context[\w.]*/g)].map(
        ([name]) => name,
      );
      expect(variables).toContain('$context.extendedRequestId');
      const telling =
        /header|query|\$context\.path$|protocol|userAgent|error\.message|authorizer\.(?!credentialId|refusal|latency)/;
      expect(variables.filter((name) => telling.test(name))).toEqual([]);
    }
  });

  test('throttles the sum of all calls', () => {
    for (const { Properties } of all('AWS::ApiGateway::Stage')) {
      const [settings] = Properties.MethodSettings;
      expect(settings.ThrottlingRateLimit).toBeGreaterThan(0);
      expect(settings.ThrottlingBurstLimit).toBeGreaterThan(0);
    }
  });

  test('throttles each revoking method on its own, and the open one that starts sessions, so that a flood on one stops no other', () => {
    const [stage] = ofType(APIS['Keyward-Standard-Api'], 'AWS::ApiGateway::Stage');
    const own = stage?.Properties.MethodSettings.filter(
      ({ ResourcePath }: { ResourcePath: string }) => ResourcePath !== '/*',
    );
    const routeOf = ({ HttpMethod, ResourcePath }: Record<string, string>) =>
      `${HttpMethod} ${ResourcePath?.replaceAll('~1', '/').replace(/^\/\//, '/')}`;
    const revoking = ROUTES.filter(({ handler }) => handler.startsWith('revoke-'));
    const expected = [...revoking.map(({ method, path }) => `${method} ${path}`), EXCHANGE];
    expect(own.map(routeOf).sort()).toEqual(expected.sort());
    for (const setting of own) {
      const { ThrottlingRateLimit, ThrottlingBurstLimit } = setting;
      const bounds = routeOf(setting) === EXCHANGE ? [50, 100] : [100, 200];
      expect([ThrottlingRateLimit, ThrottlingBurstLimit]).toEqual(bounds);
    }
  });

  test('repeats nothing that a caller controls in API Gateway’s own errors', () => {
    const responses = all('AWS::ApiGateway::GatewayResponse');
    for (const { Properties } of responses) {
      const template: string = Properties.ResponseTemplates['application/json'];
      const printed = [...template.matchAll(/\$[\w.]+/g)].map(([name]) => name);
      const fixed = /^\$context\.(extendedRequestId|authorizer\.(code|detail|requiredScopeMember))$/;
      expect(printed.filter((name) => !fixed.test(name))).toEqual([]);
      for (const member of ['', ',"required_scope":"write:all"']) {
        const body = template.replace('$context.authorizer.requiredScopeMember', member);
        const { type, code, request_id } = JSON.parse(body);
        expect([type, request_id]).toEqual([`/docs/problems.md#${code}`, '$context.extendedRequestId']);
      }
    }
    const types = new Set(responses.map(({ Properties }) => Properties.ResponseType));
    expect([...types]).toEqual(
      expect.arrayContaining(['UNAUTHORIZED', 'ACCESS_DENIED', 'DEFAULT_4XX', 'DEFAULT_5XX']),
    );
  });

  test('promises that a repetition is safe only where API Gateway knows that nothing was done', () => {
    const responses = all('AWS::ApiGateway::GatewayResponse').map(({ Properties }) => ({
      type: Properties.ResponseType as string,
      detail: JSON.parse(
        Properties.ResponseTemplates['application/json'].replace(
          '$context.authorizer.requiredScopeMember',
          '',
        ),
      ).detail as string,
      retryAfter: Properties.ResponseParameters?.['gatewayresponse.header.Retry-After'],
    }));
    const promising = responses.filter(({ detail }) => detail.includes('safe to try again'));
    expect(new Set(promising.map(({ type }) => type))).toEqual(
      new Set(['AUTHORIZER_FAILURE', 'AUTHORIZER_CONFIGURATION_ERROR']),
    );
    for (const { type, detail, retryAfter } of responses.filter((one) =>
      one.type.startsWith('INTEGRATION_'),
    )) {
      expect({ type, retryAfter }).toEqual({ type, retryAfter: "'1'" });
      expect(detail).toContain('may have been carried out');
    }
  });

  test('offers exactly the routes of the management API, and its description', () => {
    const offered = ofType(APIS['Keyward-Standard-Api'], 'AWS::ApiGateway::Method').map(
      ({ Properties }) => `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
    );
    const routes = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(offered.sort()).toEqual([...routes, `GET ${DESCRIPTION_PATH}`, `GET ${SIGN_IN_PATH}`].sort());
  });
});

describe('every function', () => {
  test('runs on Node 24 on arm64 from a bundle of its own', () => {
    const functions = everywhere('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
    }
    const keys = functions.map(({ Properties }) => Properties.Code.S3Key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('has a role of its own, without a managed policy and without a wildcard', () => {
    const roleOf = ({ Properties }: Resource) => Properties.Role['Fn::GetAtt'][0];
    const functions = everywhere('AWS::Lambda::Function');
    expect(new Set(functions.map(roleOf)).size).toBe(functions.length);
    for (const template of Object.values(STACKS)) {
      const roles = new Set(ofType(template, 'AWS::Lambda::Function').map(roleOf));
      for (const id of roles) expect(template[id]?.Properties.ManagedPolicyArns).toBeUndefined();
      for (const { Properties } of ofType(template, 'AWS::IAM::Policy')) {
        for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
          expect(JSON.stringify([Action, Resource])).not.toContain('*');
        }
      }
    }
  });

  test('may add audit events but never change or delete them, and only one function may read them', () => {
    const eventActions = everywhere('AWS::IAM::Policy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Resource }) => JSON.stringify(Resource).includes('KeysEvents'))
      .flatMap(({ Action }) => Action);
    expect(new Set(eventActions)).toEqual(new Set(['dynamodb:PutItem', 'dynamodb:Query']));
    expect(eventActions.filter((action) => action === 'dynamodb:Query')).toHaveLength(1);
  });
});
