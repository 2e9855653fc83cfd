import { Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { keptLog } from "./kept-log.ts";

/** Who asked for what, and what came of it: a line of JSON a request, without bodies and signatures. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTime",
    route: "$context.routeKey",
    path: "$context.path",
    status: "$context.status",
    caller: "$context.identity.userArn",
    sourceIp: "$context.identity.sourceIp",
    userAgent: "$context.identity.userAgent",
    milliseconds: "$context.responseLatency",
    error: "$context.error.message",
    integrationError: "$context.integrationErrorMessage",
  }),
);

/** Requests a second, and at once: far more than people and their scripts send, far less than a Region's functions bear. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

/** The HTTP API. Every route asks for a SigV4 signature of somebody who may `execute-api:Invoke`, but for those added as open. */
export class HttpDoor extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { defaultAuthorizer: new HttpIamAuthorizer(), createDefaultStage: false });
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(keptLog(this, "AccessLog", "/aws/vendedlogs/apigateway/holdfast")),
        format: ACCESS_LOG,
      },
    });
  }

  /** Routes by `METHOD /path`. */
  add(routes: Readonly<Record<string, IFunction>>): void {
    for (const [route, handler] of Object.entries(routes)) this.#add(route, handler, {});
  }

  /** Routes whose functions verify by themselves who calls; API Gateway lets everybody through. */
  addOpen(routes: Readonly<Record<string, IFunction>>): void {
    const authorizer = new HttpNoneAuthorizer();
    for (const [route, handler] of Object.entries(routes))
      for (const open of this.#add(route, handler, { authorizer }))
        Validations.of(open).acknowledge({
          id: "AwsSolutions-APIG4",
          reason: "A chat cannot sign for IAM; the function verifies the chat's own signature before it reads anything",
        });
  }

  #add(route: string, handler: IFunction, options: { readonly authorizer?: HttpNoneAuthorizer }): HttpRoute[] {
    const [method = "GET", path = "/"] = route.split(" ");
    return this.api.addRoutes({
      path,
      methods: [HttpMethod[method as keyof typeof HttpMethod]],
      integration: new HttpLambdaIntegration(`${route} integration`, handler),
      ...options,
    });
  }
}
