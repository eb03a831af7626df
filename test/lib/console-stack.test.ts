import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { consoleConfig } from '../../lib/console/console-config.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { ofType, readTemplate } from './template-file.ts';

const assembly = await sharedAssembly('standard');
const template = readTemplate(join(assembly, 'Keyward-Standard-Console.template.json'));
const [distribution] = ofType(template, 'AWS::CloudFront::Distribution');
const config = distribution?.Properties.DistributionConfig;

describe('the console on AWS', () => {
  test('keeps its files in a bucket that CloudFront alone reads', () => {
    const [bucket] = ofType(template, 'AWS::S3::Bucket');
    expect(bucket?.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const [policy] = ofType(template, 'AWS::S3::BucketPolicy');
    const allowed = policy?.Properties.PolicyDocument.Statement.filter(
      ({ Effect }: { Effect: string }) => Effect === 'Allow',
    );
    expect(allowed).toMatchObject([
      { Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' } },
    ]);
    expect(JSON.stringify(allowed)).toContain('AWS:SourceArn');
  });

  test('has one origin with the management API, which gets every header and whose answers are never kept', () => {
    const api = config.DefaultCacheBehavior;
    // AWS's own policies: caching disabled, and every header of the viewer but Host.
    expect(api.CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
    expect(api.OriginRequestPolicyId).toBe('b689b0a8-53d0-40ab-baf2-68738e2966ac');
    expect(api.AllowedMethods.toSorted()).toEqual([
      'DELETE',
      'GET',
      'HEAD',
      'OPTIONS',
      'PATCH',
      'POST',
      'PUT',
    ]);
    expect(api.ViewerProtocolPolicy).toBe('https-only');
    const paths = config.CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern);
    expect(paths).toEqual(['/', '/console', '/console/*']);
  });

  test('keeps no error: one caller’s 403 or 404 would be shown to the next', () => {
    const kept = config.CustomErrorResponses.filter(
      ({ ErrorCachingMinTTL }: { ErrorCachingMinTTL: number }) => ErrorCachingMinTTL !== 0,
    );
    expect(kept).toEqual([]);
    const codes = config.CustomErrorResponses.map(({ ErrorCode }: { ErrorCode: number }) => ErrorCode);
    expect(codes).toEqual([400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]);
    expect(JSON.stringify(config.CustomErrorResponses)).not.toContain('ResponsePagePath');
  });

  test('lets browsers keep files whose names hold a hash for good, and ask for the page each time', () => {
    const deployments = ofType(template, 'Custom::CDKBucketDeployment').map(({ Properties }) => Properties);
    const caching = deployments.map(({ SystemMetadata }) => SystemMetadata['cache-control']);
    expect(caching).toEqual(['public, max-age=31536000, immutable', 'no-cache']);
    // A page that somebody has open may still ask for files of an earlier deployment.
    expect(deployments.map(({ Prune }) => Prune)).toEqual([false, false]);
  });

  test('sends a policy with every file under which no foreign script, style or frame works', () => {
    const [headers] = ofType(template, 'AWS::CloudFront::ResponseHeadersPolicy');
    const security = headers?.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
    const policy = JSON.stringify(security.ContentSecurityPolicy);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self';",
      "style-src 'self';",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy).toContain(rule);
    expect(policy).not.toMatch(/unsafe|data:|\*/);
    expect(Object.values(security).every((each) => (each as { Override: boolean }).Override)).toBe(true);
  });
});

const deployment = {
  signIn: {
    issuerUrl: 'https://issuer.example',
    clientId: 'client',
    acceptsInvitations: true,
    request: { scopes: ['openid'], parameters: { resource: 'https://keys.example' } },
  },
  productUrl: 'https://api.example',
  returnUrl: undefined,
};

describe('what the page is told of its product', () => {
  test.each([
    ['standard', { kind: 'http', method: 'GET', path: '/users' }],
    ['supertone', { kind: 'http', method: 'GET', path: '/v1/voices' }],
    ['sophic', { kind: 'http', method: 'GET', path: '/api/v1/documents' }],
    ['socialcrm', { kind: 'mcp', path: '/api/mcp-app', rpc: { method: 'tools/list' } }],
    ['supersonic', { kind: 'mcp', path: '/', rpc: { params: { name: 'records.list' } } }],
  ])('of %s, the first call is that of its own page', (name, call) => {
    expect(consoleConfig(loadProfile(name), deployment)).toMatchObject({ first_call: call });
  });

  test('of a product whose credential stands in a header of its own, that header', () => {
    expect(consoleConfig(loadProfile('supertone'), deployment)).toMatchObject({
      credential: { header: 'x-sup-api-key', scheme: null },
      words: { workspace: 'account' },
      features: { max_active_keys: 3, scopes: false, name_required: false },
    });
  });

  test('of a product with tokens, which scopes only they hold, and what each role may grant', () => {
    expect(consoleConfig(loadProfile('sophic'), deployment)).toMatchObject({
      read_only_scopes: ['read'],
      features: {
        personal_access_tokens: { workspace_header: 'x-sophic-workspace' },
        token_only_scopes: ['capture'],
        role_scopes: { owner: 'all', admin: 'all', member: ['read', 'capture'] },
      },
    });
  });

  test.each([true, false])('whether people who sign in accept invitations: %s', (acceptsInvitations) => {
    const signIn = { ...deployment.signIn, acceptsInvitations };
    expect(consoleConfig(loadProfile('standard'), { ...deployment, signIn })).toMatchObject({
      features: { invitations: acceptsInvitations },
    });
  });

  test('is null where there is nothing to tell, and never left out', () => {
    const nothing = { ...deployment, productUrl: undefined };
    expect(consoleConfig(loadProfile('socialcrm'), nothing)).toMatchObject({
      product_api: null,
      return_url: null,
      logo: null,
      features: { max_active_keys: null, personal_access_tokens: null, role_scopes: null },
    });
  });
});
