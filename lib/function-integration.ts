import { ArnFormat, Names, Stack } from 'aws-cdk-lib';
import { AwsIntegration, type IntegrationConfig, type Method } from 'aws-cdk-lib/aws-apigateway';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

/**
 * Hands requests to a function, however many routes it has: one permission lets the whole stage of the API invoke it. A
 * permission for each route would outgrow a function's resource policy, 20,480 bytes, with about 50 of them, and would name
 * paths, which can be spelled in more ways than one. Other stages, such as the console's test stage, may not invoke it.
 */
export class FunctionIntegration extends AwsIntegration {
  readonly #handler: IFunction;
  readonly #stageName: string;
  #isPermitted = false;

  constructor(handler: IFunction, stageName: string) {
    super({
      proxy: true,
      service: 'lambda',
      path: `2015-03-31/functions/${handler.functionArn}/invocations`,
    });
    this.#handler = handler;
    this.#stageName = stageName;
  }

  override bind(method: Method): IntegrationConfig {
    const { api } = method;
    if (!this.#isPermitted)
      this.#handler.addPermission(`Invoke${Names.nodeUniqueId(this.#handler.node)}`, {
        scope: api,
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        sourceArn: Stack.of(api).formatArn({
          service: 'execute-api',
          resource: api.restApiId,
          resourceName: `${this.#stageName}/*`,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      });
    this.#isPermitted = true;
    // Another function makes another deployment: without one the stage would go on calling the former.
    return {
      ...super.bind(method),
      deploymentToken: JSON.stringify({ function: this.#handler.node.path }),
    };
  }
}
