import { CfnCondition, CfnParameter, Fn, Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CfnAuthorizer,
  CfnRoute,
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
import type { ApiRoute } from "../../functions/domain/api/route-types.ts";
import { auditLog } from "./retained-log-group.ts";

/**
 * The API's audit: who asked for what, refused requests too, and what came of it: a line of JSON a request, without
 * bodies and signatures.
 */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTime",
    route: "$context.routeKey",
    path: "$context.path",
    status: "$context.status",
    caller: "$context.identity.userArn",
    subject: "$context.authorizer.claims.sub",
    refused: "$context.authorizer.error",
    sourceIp: "$context.identity.sourceIp",
    userAgent: "$context.identity.userAgent",
    milliseconds: "$context.responseLatency",
    error: "$context.error.message",
    integrationError: "$context.integrationErrorMessage",
  }),
);

/**
 * Requests a second, of all callers together, and how many may come at once. Each caller has limits of its own, too.
 */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

/**
 * The HTTP API. A route requires a SigV4 signature with `execute-api:Invoke`, or below `/token` a token of the
 * configured issuer. Routes of instances take no token; open routes verify the caller themselves.
 */
export class HttpEndpoint extends Construct {
  readonly api: HttpApi;
  readonly #integrations = new Map<string, HttpLambdaIntegration>();
  /** Environment of the console's function: by which issuer its page signs in. */
  readonly signIn: Readonly<Record<"JWT_ISSUER" | "JWT_AUDIENCE" | "CONSOLE_CLIENT_ID", string>>;
  readonly #tokens: { readonly authorizer: CfnAuthorizer; readonly condition: CfnCondition };

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { defaultAuthorizer: new HttpIamAuthorizer(), createDefaultStage: false });
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(auditLog(this, "AccessLog", "/aws/vendedlogs/apigateway/holdfast")),
        format: ACCESS_LOG,
      },
    });
    const { signIn, ...tokens } = this.#acceptTokens();
    this.#tokens = tokens;
    this.signIn = signIn;
  }

  /** The routes of the contract, each with its function, which is found by its file's name. */
  add(routes: readonly ApiRoute[], functions: ReadonlyMap<string, IFunction>): void {
    for (const route of routes) {
      const handler = functions.get(route.function);
      if (!handler) throw new Error(`the stack makes no function ${route.function}`);
      const added = this.#add(route, handler);
      if (route.request.action === null || route.request.action === "join") continue;
      this.#addBehindToken(route, added);
    }
  }

  /** Routes of the console, which are open: its function asks for the session by itself. */
  addConsole(routeKeys: readonly string[], handler: IFunction): void {
    const integration = this.#integrationOf("console", handler);
    for (const key of routeKeys) {
      const [method = "GET", path = "/"] = key.split(" ");
      const methods = [HttpMethod[method as keyof typeof HttpMethod]];
      const routes = this.api.addRoutes({ path, methods, integration, authorizer: new HttpNoneAuthorizer() });
      for (const route of routes)
        Validations.of(route).acknowledge({
          id: "AwsSolutions-APIG4",
          reason: "A browser cannot sign for IAM: the function verifies the session's cookie, and the files are public",
        });
    }
  }

  /** One integration and one permission a function: a stack has room for 500 resources. */
  #integrationOf(name: string, handler: IFunction): HttpLambdaIntegration {
    const integration =
      this.#integrations.get(name) ?? new HttpLambdaIntegration(name, handler, { scopePermissionToRoute: false });
    this.#integrations.set(name, integration);
    return integration;
  }

  #add({ request, function: name }: ApiRoute, handler: IFunction): HttpRoute {
    const [method = "GET", path = "/"] = request.route.split(" ");
    const [route] = this.api.addRoutes({
      path,
      methods: [HttpMethod[method as keyof typeof HttpMethod]],
      integration: this.#integrationOf(name, handler),
      ...(request.action === null ? { authorizer: new HttpNoneAuthorizer() } : {}),
    });
    if (!route) throw new Error(`${request.route} made no route`);
    if (request.action === null)
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason:
          "A chat cannot sign for IAM: the function verifies the chat's own signature before it reads anything. " +
          "The document of the API is public",
      });
    return route;
  }

  /** Made in every stack, and there only if the parameters name an issuer: tokens need no synthesis of their own. */
  #acceptTokens() {
    const issuer = new CfnParameter(this, "JwtIssuer", {
      default: "",
      description: "Issuer of the tokens that are taken below /token, such as https://login.example.com/; empty: none",
    });
    const audience = new CfnParameter(this, "JwtAudience", {
      default: "holdfast",
      description: "Audience that those tokens are for",
    });
    const client = new CfnParameter(this, "ConsoleClientId", {
      default: "",
      description: "Public client at that issuer by which people sign in to the web console; empty: none",
    });
    issuer.overrideLogicalId("JwtIssuer");
    audience.overrideLogicalId("JwtAudience");
    client.overrideLogicalId("ConsoleClientId");
    const condition = new CfnCondition(this, "TakesTokens", {
      expression: Fn.conditionNot(Fn.conditionEquals(issuer.valueAsString, "")),
    });
    const authorizer = new CfnAuthorizer(this, "Tokens", {
      apiId: this.api.apiId,
      authorizerType: "JWT",
      name: "tokens",
      identitySource: ["$request.header.Authorization"],
      jwtConfiguration: { issuer: issuer.valueAsString, audience: [audience.valueAsString] },
    });
    authorizer.cfnOptions.condition = condition;
    const signIn = {
      JWT_ISSUER: issuer.valueAsString,
      JWT_AUDIENCE: audience.valueAsString,
      CONSOLE_CLIENT_ID: client.valueAsString,
    };
    return { authorizer, condition, signIn };
  }

  #addBehindToken({ request }: ApiRoute, signed: HttpRoute): void {
    const { authorizer, condition } = this.#tokens;
    const target = signed.node.defaultChild instanceof CfnRoute ? signed.node.defaultChild.target : undefined;
    if (target === undefined) throw new Error(`${request.route} has no integration`);
    const route = new CfnRoute(this, `Token ${request.route}`, {
      apiId: this.api.apiId,
      routeKey: request.route.replace(" /", " /token/"),
      authorizationType: "JWT",
      authorizerId: authorizer.ref,
      target,
    });
    route.cfnOptions.condition = condition;
  }
}
