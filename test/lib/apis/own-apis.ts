import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  Alias,
  Code,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { GuardedApi } from '../../../lib/apis/guarded-api.ts';
import type { GuardedApiProps } from '../../../lib/apis/guarded-api-props.ts';
import { KeyAuthorizer } from '../../../lib/apis/key-authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { KeyTables } from '../../../lib/tables/key-tables.ts';

/** Makes APIs for the tests of one file, in a directory that goes with them. */
export function ownApis() {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-guarded-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  /** An API in somebody's own app: nothing of this repository's `cdk.json` reaches it. */
  function ownApi(profileName = 'standard', props: Partial<GuardedApiProps> = {}) {
    const app = new App({
      outdir: join(directory, 'out'),
      // It takes as long as all the rest, and only warns.
      builtinCloudFormationValidation: false,
      context: { 'aws:cdk:bundling-stacks': [] },
    });
    const stack = new Stack(app, 'Own', { env: { account: '123456789012', region: 'us-east-1' } });
    const profileFile = loadProfile(profileName);
    const { presentation, realm } = profileFile.profile;
    const tables = new KeyTables(stack, 'Keys', { profile: profileFile });
    const authorizer = new KeyAuthorizer(stack, 'Authorizer', { tables });
    const shared = { description: 'Our API', presentation, realm };
    const api = new GuardedApi(stack, 'Api', { ...shared, authorizer, ...props });
    const makeFunction = (id: string) =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromInline('//'),
      });
    return { app, stack, tables, authorizer, api, makeFunction, fn: makeFunction('Fn') };
  }

  return { directory, ownApi };
}

/** CDK's own classes do not fit its interfaces where an optional property may not be `undefined`. */
export const versionOf = (fn: LambdaFunction) => fn.currentVersion as IVersion;

/** The alias `live` of a function. */
export const aliasOf = (stack: Stack, fn: LambdaFunction) =>
  new Alias(stack, 'Live', { aliasName: 'live', version: versionOf(fn) }) as IFunction;

export const synthesized = (stack: Stack) => Template.fromStack(stack);

// biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
export const propertiesOf = (template: Template, type: string): any[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);
