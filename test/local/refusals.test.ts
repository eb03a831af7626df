import { afterAll, describe, expect, test } from '@jest/globals';
import { CfnOutput, CfnParameter, CfnResource, Duration, Stack, Stage } from 'aws-cdk-lib';
import {
  LambdaIntegration,
  PassthroughBehavior,
  ResponseType,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import {
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  OriginRequestPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { AttributeType, type CfnTable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type CfnFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CannotRun, runAssembly } from '../../local/index.ts';
import { restApi, Workshop } from './small-app.ts';

const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const NOTHING = 'export const handler = async () => ({ statusCode: 204 });';
const workshop = new Workshop();
afterAll(() => workshop.remove());

/** Everything is refused before DynamoDB is asked for anything, so an endpoint that nobody serves will do. */
const run = (assemblyDirectory: string) =>
  runAssembly({ assemblyDirectory, dynamodbEndpoint: 'http://127.0.0.1:1', log: () => {} });

async function refusal(build: (stack: Stack) => void): Promise<string> {
  const directory = workshop.synthesize((app) => build(new Stack(app, 'Refused')));
  const error: unknown = await run(directory).then(
    (running) => running.stop(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CannotRun);
  const { message } = error as CannotRun;
  // One sentence for a person: no line breaks, and it ends.
  expect(message).toMatch(/^[^\n]+\.$/);
  return message;
}

const withMethod = (stack: Stack, props: object = {}) => {
  const api = restApi(stack, props);
  const method = api.root.addMethod('GET', new LambdaIntegration(workshop.lambda(stack, 'Fn', NOTHING)));
  return { api, method };
};
const override = (stack: Stack, type: string, path: string, value: unknown) => {
  const found = stack.node
    .findAll()
    .find((one) => CfnResource.isCfnResource(one) && one.cfnResourceType === type);
  (found as CfnResource).addPropertyOverride(path, value);
};

/** A page in front of the API of `withMethod`, as the console's stack has it. */
const withSite = (stack: Stack, behavior: Partial<BehaviorOptions> = {}) => {
  const { api } = withMethod(stack);
  const origin = S3BucketOrigin.withOriginAccessControl(new Bucket(stack, 'Page') as IBucket);
  return new Distribution(stack, 'Site', {
    defaultBehavior: {
      origin: new RestApiOrigin(api),
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    },
    additionalBehaviors: { '/page/*': { origin, ...behavior } },
  });
};

test.each<[string, (stack: Stack) => void, string]>([
  [
    'whose API does not get every header',
    (stack) => {
      withSite(stack);
      override(stack, DISTRIBUTION, 'DistributionConfig.DefaultCacheBehavior.OriginRequestPolicyId', 'other');
    },
    'its API must get every header but Host.',
  ],
  [
    'that shows a page of its own in place of an error',
    (stack) => {
      withSite(stack);
      const pages = [{ ErrorCode: 404, ResponsePagePath: '/page/index.html', ResponseCode: 200 }];
      override(stack, DISTRIBUTION, 'DistributionConfig.CustomErrorResponses', pages);
    },
    'DistributionConfig.CustomErrorResponses.ResponsePagePath cannot be honoured locally',
  ],
  [
    'with a function that sees answers',
    (stack) => {
      const code = FunctionCode.fromInline('function handler(event) { return event.response; }');
      const edge = new EdgeFunction(stack, 'Edge', { code, runtime: FunctionRuntime.JS_2_0 });
      withSite(stack, {
        functionAssociations: [{ function: edge, eventType: FunctionEventType.VIEWER_RESPONSE }],
      });
    },
    'a path has at most one function of this assembly, and it sees requests.',
  ],
  [
    'whose API is not one of the assembly',
    (stack) => {
      withSite(stack);
      override(stack, DISTRIBUTION, 'DistributionConfig.Origins.0.DomainName', 'elsewhere.example');
    },
    'its default origin is not the stage of a REST API of this assembly.',
  ],
])('a clear sentence refuses a site %s', async (_, build, sentence) => {
  expect(await refusal(build)).toContain(sentence);
});

describe('a clear sentence refuses', () => {
  test('a resource type in none of the three lists, naming where it is', async () => {
    const message = await refusal((stack) => new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue' }));
    expect(message).toContain('Refused/Queue is a AWS::SQS::Queue');
  });

  test('an unreviewed property of a type that runs', async () => {
    const message = await refusal((stack) => {
      workshop.lambda(stack, 'Fn', NOTHING);
      override(stack, 'AWS::Lambda::Function', 'VpcConfig', { SubnetIds: ['subnet-1'] });
    });
    expect(message).toMatch(/^Refused\/Fn\w+ \(AWS::Lambda::Function\): the property VpcConfig /);
  });

  test('an unreviewed property deep inside a list', async () => {
    const message = await refusal((stack) => {
      const { method } = withMethod(stack);
      override(Stack.of(method), 'AWS::ApiGateway::Stage', 'MethodSettings', [
        { HttpMethod: '*', CachingEnabled: true },
      ]);
    });
    expect(message).toContain('the property MethodSettings.CachingEnabled ');
  });

  test('an attribute of a resource that changes how it is made', async () => {
    const message = await refusal((stack) => {
      const fn = workshop.lambda(stack, 'Fn', NOTHING);
      (fn.node.defaultChild as CfnFunction).addOverride('CreationPolicy', { StartFleet: true });
    });
    expect(message).toContain('the attribute CreationPolicy');
  });

  test('an intrinsic it does not resolve', async () => {
    const message = await refusal((stack) => {
      workshop.lambda(stack, 'Fn', NOTHING, { environment: { ZONE: 'x' } });
      override(stack, 'AWS::Lambda::Function', 'Environment.Variables.ZONE', { 'Fn::GetAZs': '' });
    });
    expect(message).toContain('Fn::GetAZs');
  });

  test('an attribute of a resource that it does not know', async () => {
    const message = await refusal((stack) => {
      const fn = workshop.lambda(stack, 'Fn', NOTHING);
      new CfnOutput(stack, 'Signing', {
        value: (fn.node.defaultChild as CfnFunction).getAtt('SnapStartResponse').toString(),
      });
    });
    expect(message).toContain('SnapStartResponse is not an attribute');
  });

  test.each<[string, (stack: Stack) => void, RegExp]>([
    [
      'a runtime other than Node.js',
      (stack) => workshop.lambda(stack, 'Fn', NOTHING, { runtime: Runtime.PYTHON_3_13 }),
      /runtime python3\.13/,
    ],
    [
      'a handler that is not in the bundle',
      (stack) => workshop.lambda(stack, 'Fn', NOTHING, { handler: 'main.run' }),
      /no main\.mjs/,
    ],
    [
      'a condition on DynamoDB actions',
      (stack) => {
        const table = new Table(stack, 'T', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
        const conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } };
        const statement = { actions: ['dynamodb:GetItem'], resources: [table.tableArn], conditions };
        workshop.lambda(stack, 'Fn', NOTHING).addToRolePolicy(new PolicyStatement(statement));
      },
      /has a Condition/,
    ],
    [
      'a managed policy nobody reviewed',
      (stack) => {
        workshop.lambda(stack, 'Fn', NOTHING);
        override(stack, 'AWS::IAM::Role', 'ManagedPolicyArns', [
          'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess',
        ]);
      },
      /AmazonDynamoDBFullAccess is unknown/,
    ],
    [
      'a local secondary index',
      (stack) => {
        const table = new Table(stack, 'T', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
        (table.node.defaultChild as CfnTable).addPropertyOverride('LocalSecondaryIndexes', []);
      },
      /LocalSecondaryIndexes/,
    ],
    [
      'a method that needs an API Gateway key',
      (stack) => {
        const api = restApi(stack);
        const integration = new LambdaIntegration(workshop.lambda(stack, 'Fn', NOTHING));
        api.root.addMethod('GET', integration, { apiKeyRequired: true });
      },
      /need an API Gateway key/,
    ],
    [
      'CDK’s own CORS preflight with several origins, which it turns into VTL',
      (stack) =>
        withMethod(stack, {
          defaultCorsPreflightOptions: { allowOrigins: ['https://a.example', 'https://b.example'] },
        }),
      /can only set a header where a header of the request is one of some texts/,
    ],
    [
      'a TOKEN authorizer',
      (stack) => {
        const handler = workshop.lambda(stack, 'Auth', NOTHING);
        const integration = new LambdaIntegration(handler, {
          passthroughBehavior: PassthroughBehavior.NEVER,
        });
        restApi(stack).root.addMethod('GET', integration, {
          authorizer: new TokenAuthorizer(stack, 'A', { handler }),
        });
      },
      /type TOKEN/,
    ],
    [
      'VTL in a gateway response',
      (stack) =>
        withMethod(stack).api.addGatewayResponse('G', {
          type: ResponseType.DEFAULT_4XX,
          templates: { 'application/json': '#if(true)\n1\n#end' },
        }),
      /VTL/,
    ],
    [
      'a variable that API Gateway does not fill in',
      (stack) =>
        withMethod(stack).api.addGatewayResponse('G', {
          type: ResponseType.DEFAULT_4XX,
          templates: { 'application/json': '$context.requestID' },
        }),
      /\$context\.requestID is not a variable/,
    ],
    [
      'a header of a gateway response without quotes',
      (stack) =>
        withMethod(stack).api.addGatewayResponse('G', {
          type: ResponseType.DEFAULT_4XX,
          responseHeaders: { 'X-A': 'Bearer' },
        }),
      /single quotes/,
    ],
    [
      'a cron schedule',
      (stack) => {
        const fn = workshop.lambda(stack, 'Fn', NOTHING);
        new Rule(stack, 'R', { schedule: Schedule.cron({ hour: '4' }), targets: [new LambdaTarget(fn)] });
      },
      /use rate/,
    ],
    [
      'a rate longer than a timer',
      (stack) => {
        const fn = workshop.lambda(stack, 'Fn', NOTHING);
        new Rule(stack, 'R', { schedule: Schedule.rate(Duration.days(30)), targets: [new LambdaTarget(fn)] });
      },
      /at most 24 days/,
    ],
    [
      'a parameter whose default is not allowed',
      (stack) => new CfnParameter(stack, 'Product', { default: 'one', allowedValues: ['other'] }),
      /the parameter Product: its default is not among its allowed values/,
    ],
    [
      'a parameter that is bounded in a way that is not checked',
      (stack) => new CfnParameter(stack, 'Product', { default: 'one', allowedPattern: 'o.*' }),
      /the parameter Product: the attribute AllowedPattern cannot be honoured locally/,
    ],
    [
      'a REST API without a stage',
      (stack) => {
        withMethod(stack);
        new CfnResource(stack, 'Api2', { type: 'AWS::ApiGateway::RestApi', properties: { Name: 'second' } });
      },
      /Api2: the REST API has no stage/,
    ],
  ])('%s', async (_, build, expected) => {
    expect(await refusal(build)).toMatch(expected);
  });

  test('stages and nested assemblies', async () => {
    const directory = workshop.synthesize((app) => void new Stack(new Stage(app, 'Prod'), 'Inner'));
    await expect(run(directory)).rejects.toThrow(/plain stacks/);
  });

  test('an app that asks AWS while it is synthesized', async () => {
    const directory = workshop.synthesize((app) => {
      const env = { region: 'eu-west-1', account: '111111111111' };
      StringParameter.valueFromLookup(new Stack(app, 'A', { env }), '/prices');
    });
    await expect(run(directory)).rejects.toThrow(/asks AWS for ssm:.*prices.*: run `npx cdk synth`/);
  });

  test('stacks in different environments', async () => {
    const directory = workshop.synthesize((app) => {
      workshop.lambda(
        new Stack(app, 'A', { env: { region: 'eu-west-1', account: '111111111111' } }),
        'Fn',
        NOTHING,
      );
      workshop.lambda(
        new Stack(app, 'B', { env: { region: 'eu-west-2', account: '111111111111' } }),
        'Fn',
        NOTHING,
      );
    });
    await expect(run(directory)).rejects.toThrow(/different environments/);
  });

  test('a folder without an assembly, and a port for a stack without an API', async () => {
    await expect(run('/nowhere')).rejects.toThrow(/no cloud assembly in \/nowhere/);
    const directory = workshop.synthesize((app) => void workshop.lambda(new Stack(app, 'A'), 'Fn', NOTHING));
    const options = { assemblyDirectory: directory, dynamodbEndpoint: 'http://127.0.0.1:1', log: () => {} };
    await expect(runAssembly({ ...options, ports: { B: 4000 } })).rejects.toThrow(/port is given for B/);
  });
});
