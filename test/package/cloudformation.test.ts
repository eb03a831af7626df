import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startAccount } from './bucket.ts';
import { commandsOnPage, fileOnPage, makeCdkApp, type Project } from './project.ts';

const [GUIDE, ALONE, PAGE] = ['docs/protect-your-api.md', 'docs/guard-alone.md', 'docs/cloudformation.md'];
const STACK = 'Orders-Keys';
const CFN_LINT = 'cfn-lint==1.58.0';

interface Template {
  readonly Parameters?: Readonly<Record<string, object>>;
  readonly Rules?: object;
  readonly Outputs: Readonly<Record<string, object>>;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every type of resource.
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: any }>>;
}

interface AssetList {
  readonly files: Readonly<
    Record<string, { source: { path: string }; destinations: Record<string, object> }>
  >;
}

let project: Project;
beforeAll(async () => {
  project = await makeCdkApp('orders-templates');
  await project.run(commandsOnPage(ALONE, '@types/aws-lambda'));
  project.write('orders.json', fileOnPage(GUIDE, 'orders.json'));
  project.write('orders-alone.mts', fileOnPage(ALONE, 'orders-alone.mts'));
  project.write('template.yaml', fileOnPage(PAGE, 'template.yaml'));
  project.write('bin/templates.ts', fileOnPage(PAGE, 'templates.ts'));
  await project.run(commandsOnPage(PAGE, 'tsx bin/templates.ts'));
});
afterAll(() => project.remove());

const read = (file: string) => readFileSync(join(project.folder, 'templates', file), 'utf8');
const template = (): Template => JSON.parse(read(`${STACK}.template.json`));
const functions = () =>
  Object.values(template().Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');

test('the app of the page passes the compiler', async () => {
  await project.run('npx tsc');
});

test('the template needs nothing of the CDK, and has the outputs that the page names', () => {
  const { Parameters, Rules, Outputs } = template();
  expect(Object.keys(Parameters ?? {})).toEqual([expect.stringMatching(/KeywardProduct/)]);
  expect(Rules).toBeUndefined();
  expect(Object.keys(Outputs)).toContain('KeywardSecretsTable');
  expect(read(`${STACK}.template.json`)).not.toMatch(/cdk-hnb659fds|\/cdk-bootstrap\/|GetStackOutput/);
});

test('the code of every function is in the bucket, and in the list of what to upload', () => {
  const { files }: AssetList = JSON.parse(read(`${STACK}.assets.json`));
  const uploaded = Object.values(files).flatMap(({ destinations }) => Object.values(destinations));
  expect(functions().length).toBeGreaterThan(20);
  for (const { Properties } of functions()) {
    const { S3Bucket: bucketName, S3Key: objectKey } = Properties.Code;
    expect(objectKey).toMatch(/^keyward\/[0-9a-f]{64}\.zip$/);
    expect(uploaded).toContainEqual({ bucketName, objectKey });
    expect(bucketName).toBe('acme-artifacts');
  }
  for (const { source } of Object.values(files))
    expect(globSync(source.path, { cwd: join(project.folder, 'templates') })).toHaveLength(1);
});

test('the command of the page uploads the code of every function, into an account that was not bootstrapped', async () => {
  const account = await startAccount();
  try {
    const env = `AWS_ENDPOINT_URL=${account.url} AWS_REGION=eu-central-1 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x`;
    await project.run(`${env} ${commandsOnPage(PAGE, 'publish-assets')} --no-notices`);
    const needed = functions().map(({ Properties }) => Properties.Code.S3Key);
    expect(account.uploaded).toEqual(expect.arrayContaining(needed.map((key) => `/acme-artifacts/${key}`)));
  } finally {
    account.stop();
  }
});

test('no role has a name of its own, so CAPABILITY_IAM is enough', () => {
  const roles = Object.values(template().Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(roles.filter(({ Properties }) => Properties?.RoleName !== undefined)).toEqual([]);
});

test('cfn-lint finds nothing wrong with the template, nor with that of SAM', async () => {
  const { code: isMissing } = await project.attempt('python3 -m venv lint');
  if (isMissing !== 0) {
    process.stderr.write('SKIPPED: there is no python3 with venv here, so cfn-lint did not run.\n');
    return;
  }
  await project.run(`lint/bin/pip install --quiet --disable-pip-version-check '${CFN_LINT}'`);
  const files = `templates/${STACK}.template.json template.yaml`;
  // W3005: CDK writes dependencies that references already say. W6001: the stack of the API says again which product it is of.
  const { code, output } = await project.attempt(
    `lint/bin/cfn-lint --regions eu-central-1 us-east-1 --ignore-checks W3005 W6001 -- ${files}`,
  );
  expect({ code, output }).toEqual({ code: 0, output: '' });
});

test('the function of the SAM template is bundled with what the template says', async () => {
  const bundle =
    'npx esbuild orders-alone.mts --bundle --minify --target=es2022 --platform=node --outfile=sam/orders-alone.js';
  await project.run(bundle);
  const load = `node -e "console.log(typeof require('./sam/orders-alone.js').handler)"`;
  expect(await project.run(`KEYWARD_SECRETS_TABLE=t AWS_REGION=eu-central-1 ${load}`)).toContain('function');
});
