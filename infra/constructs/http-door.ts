import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/** The HTTP API. Every route asks for a SigV4 signature of somebody who may `execute-api:Invoke`. */
export class HttpDoor extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, routes: Readonly<Record<string, IFunction>>) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { defaultAuthorizer: new HttpIamAuthorizer() });
    for (const [route, handler] of Object.entries(routes)) {
      const [method = "GET", path = "/"] = route.split(" ");
      this.api.addRoutes({
        path,
        methods: [HttpMethod[method as keyof typeof HttpMethod]],
        integration: new HttpLambdaIntegration(`${route} integration`, handler),
      });
    }
  }
}
