import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, FunctionUrlAuthType, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Keyward } from '../../lib/index.ts';

/**
 * `node own-apis-app.ts FOLDER open|guarded`: synthesizes an app of a customer. `open` is what they had before: a REST API and an
 * HTTP API that let everybody in. `guarded` is the same app with Keyward in its stack, and a function that checks keys itself.
 */
const [outdir = '', state = ''] = process.argv.slice(2);

const app = new App({ outdir });
const stack = new Stack(app, 'Customer');
const keyward =
  state === 'guarded'
    ? new Keyward(stack, 'Keys', {
        profile: join(import.meta.dirname, '../../profiles/standard.json'),
        hasConsole: false,
      })
    : undefined;

const open = new LambdaFunction(stack, 'Open', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline(`exports.handler = async () => ({ statusCode: 200, body: '{}' });`),
});

const restApi = new RestApi(stack, 'Rest', { cloudWatchRole: false });
const users = restApi.root.addResource('users');
for (const method of ['GET', 'POST'])
  users.addMethod(method, new LambdaIntegration(open), keyward && { authorizer: keyward.authorizer.rest });
new CfnOutput(stack, 'RestUrl', { value: restApi.url });

const httpApi = new HttpApi(stack, 'Http');
httpApi.addRoutes({
  path: '/users',
  methods: [HttpMethod.GET, HttpMethod.POST],
  integration: new HttpLambdaIntegration('Open', open),
  ...(keyward && { authorizer: keyward.authorizer.http }),
});
new CfnOutput(stack, 'HttpUrl', { value: httpApi.apiEndpoint });

if (keyward !== undefined) {
  const alone = new NodejsFunction(stack, 'Alone', {
    entry: join(import.meta.dirname, 'alone-function.ts'),
    runtime: Runtime.NODEJS_24_X,
    // Lambda has the AWS SDK, and MiniStack has none that works.
    bundling: { externalModules: [] },
    environment: { KEYWARD_SECRETS_TABLE: keyward.tables.secrets.tableName },
  });
  keyward.tables.grantVerify(alone);
  const aloneApi = new HttpApi(stack, 'AloneHttp');
  aloneApi.addRoutes({
    path: '/users',
    methods: [HttpMethod.GET, HttpMethod.POST],
    integration: new HttpLambdaIntegration('Alone', alone),
  });
  new CfnOutput(stack, 'AloneHttpUrl', { value: aloneApi.apiEndpoint });
  const { url } = alone.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  new CfnOutput(stack, 'AloneUrl', { value: url });
}
app.synth();
