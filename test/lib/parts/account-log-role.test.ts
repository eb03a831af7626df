import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { GuardedApi } from '../../../lib/apis/guarded-api.ts';
import { KeyAuthorizer } from '../../../lib/apis/key-authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { ownApis, synthesized } from '../apis/own-apis.ts';

const { ownApi } = ownApis();

describe('the role by which API Gateway writes logs', () => {
  /** Of an app with two stacks, each with an API. */
  function twoApisManagedElsewhere() {
    const accountLogRole = 'managed-elsewhere';
    const { app, stack, tables, api, fn } = ownApi('standard', { accountLogRole });
    const second = new Stack(app, 'Second', { env: stack.env });
    const profileFile = loadProfile('standard');
    const { presentation, realm } = profileFile.profile;
    const authorizer = new KeyAuthorizer(second, 'Authorizer', { tables });
    new GuardedApi(second, 'Api', {
      description: 'x',
      presentation,
      realm,
      authorizer,
      accountLogRole,
    }).addRoute('GET', '/users', authorizer);
    api.addRoute('GET', '/users', fn);
    return [stack, second].map(synthesized);
  }

  test('exists before the stage that needs it, also in a custom app, and outlives its stack', () => {
    const { stack, api, fn } = ownApi();
    api.addRoute('GET', '/users', fn);
    const template = synthesized(stack);
    const [[id, account] = ['', {}], ...others] = Object.entries(
      template.findResources('AWS::ApiGateway::Account'),
    );
    expect(others).toEqual([]);
    const [stage] = Object.values(template.findResources('AWS::ApiGateway::Stage'));
    expect(stage?.DependsOn).toContain(id);
    const [roleId = ''] = account.Properties.CloudWatchRoleArn['Fn::GetAtt'];
    const role = template.toJSON().Resources[roleId];
    expect(JSON.stringify(role.Properties)).toContain('AmazonAPIGatewayPushToCloudWatchLogs');
    for (const { DeletionPolicy, UpdateReplacePolicy } of [account, role])
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
  });

  test('is not made if something else manages it', () => {
    for (const template of twoApisManagedElsewhere()) {
      template.resourceCountIs('AWS::ApiGateway::Account', 0);
      expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain(
        'apigateway.amazonaws.com',
      );
    }
  });
});
