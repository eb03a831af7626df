import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { KeywardFunction } from '../../../lib/functions/keyward-function.ts';
import { sharedAssembly } from '../../shared-assembly.ts';

const assembly = await sharedAssembly('standard');

interface AuthorizerFunction {
  readonly Type: string;
  readonly Properties: { readonly Description?: string; readonly Code?: { readonly S3Key: string } };
}

/** The code that would be deployed as the product's authorizer. */
function authorizerBundle(): string {
  const template = JSON.parse(readFileSync(join(assembly, 'Keyward-Standard-Sample.template.json'), 'utf8'));
  const authorizer = Object.values(template.Resources as Record<string, AuthorizerFunction>).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' && Properties.Description?.startsWith('Keyward: authorizes'),
  );
  const asset = `asset.${authorizer?.Properties.Code?.S3Key.replace('.zip', '')}`;
  return readFileSync(join(assembly, asset, 'index.mjs'), 'utf8');
}

describe("the product's authorizer, which every cold start loads", () => {
  const bundle = authorizerBundle();

  test('is at most 208.5 kB of code', () => {
    expect(bundle.length).toBeGreaterThan(100_000);
    expect(Buffer.byteLength(bundle)).toBeLessThanOrEqual(208_500);
  });

  test('holds nothing for streams of events, which DynamoDB does not have', () => {
    expect(bundle).toContain('Functions are bundled without streams of events.');
    expect(bundle).not.toContain(':message-type');
  });

  test('looks for credentials where Lambda puts them and nowhere else', () => {
    expect(bundle).toContain('AWS_SESSION_TOKEN');
    expect(bundle).not.toContain('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
    expect(bundle).not.toContain('AWS_WEB_IDENTITY_TOKEN_FILE');
  });

  test('holds the profile and no parser for it', () => {
    expect(bundle).toContain('keyward.administer');
    expect(bundle).not.toContain('a realm without quotes');
  });
});

test('no function of Keyward is more than 313 kB of code, and none that has no store more than 43 kB', () => {
  const sizes = globSync('asset.*/index.mjs', { cwd: assembly })
    .map((path) => readFileSync(join(assembly, path)))
    // The description of the API is data.
    .filter((code) => !code.includes('"openapi'))
    .map((code) => ({ bytes: code.length, hasStore: code.includes('DynamoDB_20120810') }));
  const largest = (...among: typeof sizes) => Math.max(...among.map(({ bytes }) => bytes));
  expect(largest(...sizes)).toBeLessThanOrEqual(313_000);
  expect(largest(...sizes.filter(({ hasStore }) => !hasStore))).toBeLessThanOrEqual(43_000);
});

test('no function carries the code that flushes verdicts if the deployment caches none', () => {
  const bundles = globSync('asset.*/index.mjs', { cwd: assembly });
  expect(bundles.length).toBeGreaterThan(10);
  const flushing = bundles.filter((path) =>
    readFileSync(join(assembly, path), 'utf8').includes('FlushStageAuthorizersCache'),
  );
  expect(flushing).toEqual([]);
});

test("a sample's guard is given the data of the deployment's profile, wherever its file is", () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-bundle-'));
  try {
    const profilePath = join(folder, 'supersonic.json');
    const data = readFileSync(loadProfile('supersonic').path, 'utf8');
    writeFileSync(profilePath, data.replace('"realm": "supersonic"', '"realm": "of this deployment"'));
    const app = new App({ outdir: join(folder, 'out'), builtinCloudFormationValidation: false });
    const description = 'a sample';
    new KeywardFunction(new Stack(app, 'Stack'), 'Sample', { entry: 'sample-crm', profilePath, description });
    const [bundle = ''] = globSync('asset.*/index.mjs', { cwd: app.synth().directory });
    const code = readFileSync(join(folder, 'out', bundle), 'utf8');
    expect(code).toContain('of this deployment');
    expect(code).not.toMatch(/realm:"supersonic"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
