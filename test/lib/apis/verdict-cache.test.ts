import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { GuardedApi } from '../../../lib/apis/guarded-api.ts';
import type { GuardedApiProps } from '../../../lib/apis/guarded-api-props.ts';
import { KeyAuthorizer } from '../../../lib/apis/key-authorizer.ts';
import type { VerdictCache } from '../../../lib/apis/verdict-cache.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { KeywardFunction } from '../../../lib/functions/keyward-function.ts';
import { KeywardApp } from '../../../lib/keyward-app.ts';
import { SampleStack } from '../../../lib/sample-stack.ts';
import { KeyTables } from '../../../lib/tables/key-tables.ts';

const outdir = mkdtempSync(join(tmpdir(), 'keyward-verdicts-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** Nothing here looks into a bundle. */
const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] };
const KEPT: VerdictCache = { ttl: Duration.seconds(30), checkedAgainBy: 'guard' };

/** An API in a stack of its own, as somebody would write it beside the sample. */
function apiOf(profileName: string, verdictCache: VerdictCache, authorizer?: 'none' | 'other') {
  const app = new App({ outdir, context: UNBUNDLED });
  const profileFile = loadProfile(profileName);
  const { presentation, realm } = profileFile.profile;
  const stack = new Stack(app, 'Own');
  const tables = new KeyTables(stack, 'Keys', { profile: profileFile });
  const own = () => new KeyAuthorizer(stack, 'Authorizer', { tables });
  const other = () =>
    new KeywardFunction(stack, 'Authorizer', {
      entry: 'management-authorizer',
      profilePath: profileFile.path,
      description: 'another one',
    } as const);
  const props: GuardedApiProps = { description: 'Our API', presentation, realm, verdictCache };
  if (authorizer === 'none') return new GuardedApi(stack, 'Api', props);
  return new GuardedApi(stack, 'Api', {
    ...props,
    authorizer: authorizer === 'other' ? other() : own(),
  });
}

describe('verdict caching is refused with one sentence that says why', () => {
  /** Which profiles these are, and why, is tested where it is decided; each costs a bundle here. */
  test('for credentials whose verdicts depend on more than the credential and the source address', () => {
    expect(() => apiOf('sophic', KEPT)).toThrow(
      'The verdicts on credentials of sophic cannot be cached: they depend on the header x-sophic-workspace, which API keys need not send, and a cache refuses a request without it.',
    );
  });

  test('for a product whose own functions verify keys', () => {
    const app = new App({ outdir, context: UNBUNDLED });
    const profileFile = loadProfile('socialcrm');
    const tables = new KeyTables(new Stack(app, 'Data'), 'Keys', { profile: profileFile });
    expect(() => new SampleStack(app, 'Sample', { profileFile, tables, verdictCache: KEPT })).toThrow(
      'The verdicts on credentials of socialcrm cannot be cached: a guard decides on each request anew.',
    );
  });

  test.each([0, 61, 0.5, 1.5])('for %d seconds', (seconds) => {
    const ttl = Duration.millis(seconds * 1000);
    expect(() => apiOf('supertone', { ...KEPT, ttl })).toThrow(
      'Verdicts can be cached for whole seconds, from 1 to 60.',
    );
  });

  test('where nothing says that a guard checks cached verdicts again', () => {
    expect(() => apiOf('supertone', { ttl: KEPT.ttl } as VerdictCache)).toThrow(
      'Verdicts can be cached only where a guard checks them again',
    );
  });

  test.each(['none', 'other'] as const)('where the authorizer is %s of the product’s', (authorizer) => {
    expect(() => apiOf('supertone', KEPT, authorizer)).toThrow('Only the verdicts of a KeyAuthorizer');
  });

  test('for a route that the policy of another route would reach', () => {
    const api = apiOf('supertone', KEPT);
    const fn = api.node.tryFindChild('none') as never;
    expect(() => api.addRoute('GET', '/v1/voices/{voice_id}/samples', fn)).toThrow(
      'The verdicts on credentials of supertone cannot be cached: a policy with all scopes reaches GET /v1/voices/{voice_id}/samples',
    );
  });

  test.each([0, 61, 1.5])('for %s seconds, where a deployment asks for them', (cache_seconds) => {
    const deployment = { profile: 'supertone', sample: true, cache_seconds };
    expect(() => new KeywardApp({ deployment, outdir, context: UNBUNDLED })).toThrow(/whole/);
  });
});

describe('when verdicts are cached', () => {
  const app = new KeywardApp({
    deployment: { profile: 'supertone', sample: true, cache_seconds: 30 },
    outdir,
    context: UNBUNDLED,
  });
  const templateOf = (part: 'Api' | 'Sample') =>
    Template.fromStack(app.node.findChild(app.stackName(part)) as Stack);

  test('API Gateway caches them by credential and source address, and the authorizer is told so', () => {
    const sample = templateOf('Sample');
    sample.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      AuthorizerResultTtlInSeconds: 30,
      IdentitySource: 'method.request.header.x-sup-api-key,context.identity.sourceIp',
    });
    const kept = { Environment: { Variables: { KEYWARD_VERDICTS: 'kept' } } };
    expect(Object.keys(sample.findResources('AWS::Lambda::Function', { Properties: kept }))).toHaveLength(1);
  });

  test('the management API still caches none of its own', () => {
    templateOf('Api').hasResourceProperties('AWS::ApiGateway::Authorizer', {
      AuthorizerResultTtlInSeconds: 0,
    });
  });

  test('a function that never takes rights from a key with cacheable verdicts may not flush the cache', () => {
    const policies = Object.entries(templateOf('Api').findResources('AWS::IAM::Policy'));
    const flushing = policies.filter(([, policy]) => JSON.stringify(policy).includes('apigateway:'));
    expect(flushing.map(([id]) => id.replace(/Role.*/, '')).sort()).toEqual([
      'RevokeKey',
      'RevokeKeys',
      'RevokePreviousSecret',
      'RotateKey',
      'Sweeper',
      'UpdateKey',
    ]);
  });
});
