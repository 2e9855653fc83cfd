import { HttpApi, HttpMethod, HttpNoneAuthorizer } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/** The HTTP API. Every route asks for a SigV4 signature of somebody who may `execute-api:Invoke`, but for those added as open. */
export class HttpDoor extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { defaultAuthorizer: new HttpIamAuthorizer() });
  }

  /** Routes by `METHOD /path`. */
  add(routes: Readonly<Record<string, IFunction>>): void {
    for (const [route, handler] of Object.entries(routes)) this.#add(route, handler, {});
  }

  /** Routes whose functions verify by themselves who calls; API Gateway lets everybody through. */
  addOpen(routes: Readonly<Record<string, IFunction>>): void {
    const authorizer = new HttpNoneAuthorizer();
    for (const [route, handler] of Object.entries(routes)) this.#add(route, handler, { authorizer });
  }

  #add(route: string, handler: IFunction, options: { readonly authorizer?: HttpNoneAuthorizer }): void {
    const [method = "GET", path = "/"] = route.split(" ");
    this.api.addRoutes({
      path,
      methods: [HttpMethod[method as keyof typeof HttpMethod]],
      integration: new HttpLambdaIntegration(`${route} integration`, handler),
      ...options,
    });
  }
}
