import * as z from "zod";
import { gatewayId } from "../physical-names.ts";
import type { Provision, ResourceRequest } from "../resource-type.ts";

function idOf({ stackName, logicalId }: ResourceRequest): string {
  return gatewayId(stackName, logicalId);
}

const ApiProperties = z.object({ ProtocolType: z.literal("HTTP"), Name: z.string().default("") });

/** `AWS::ApiGatewayV2::Api` of protocol HTTP. */
export const provisionApi: Provision = (request, { apis }) => {
  const { Name } = ApiProperties.parse(request.properties);
  const apiId = idOf(request);
  apis.putApi(apiId, Name);
  return { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint: apis.endpoint } };
};

const StageProperties = z.object({
  StageName: z.literal("$default"),
  DefaultRouteSettings: z
    .object({ ThrottlingRateLimit: z.number().positive(), ThrottlingBurstLimit: z.number().int().positive() })
    .optional(),
  AccessLogSettings: z.object({ DestinationArn: z.string(), Format: z.string() }).optional(),
});

/** `AWS::ApiGatewayV2::Stage`: only `$default`, which has no prefix in the path. */
export const provisionStage: Provision = (request, { apis }) => {
  const { StageName, DefaultRouteSettings: limits, AccessLogSettings } = StageProperties.parse(request.properties);
  if (AccessLogSettings) {
    const group = /:log-group:([^:]+)/.exec(AccessLogSettings.DestinationArn)?.[1] ?? "";
    apis.putAccessLog({ format: AccessLogSettings.Format, group, arn: AccessLogSettings.DestinationArn });
  }
  if (limits) apis.putThrottle({ ratePerSecond: limits.ThrottlingRateLimit, burst: limits.ThrottlingBurstLimit });
  return { ref: StageName, attributes: {} };
};

const IntegrationProperties = z.object({
  IntegrationType: z.literal("AWS_PROXY"),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal("2.0"),
  TimeoutInMillis: z.number().min(50).max(30_000).default(30_000),
});

/** `AWS::ApiGatewayV2::Integration` with a function; the URI is its ARN, or API Gateway's longer form around it. */
export const provisionIntegration: Provision = (request, { apis }) => {
  const { IntegrationUri, TimeoutInMillis } = IntegrationProperties.parse(request.properties);
  const functionArn = /arn:aws:lambda:[^/]+/.exec(IntegrationUri)?.[0];
  if (!functionArn) throw new Error(`only functions can be integrated, not ${IntegrationUri}`);
  const integrationId = idOf(request);
  apis.putIntegration(integrationId, { functionArn, timeoutMs: TimeoutInMillis });
  return { ref: integrationId, attributes: { IntegrationId: integrationId } };
};

const AuthorizerProperties = z.object({
  AuthorizerType: z.literal("JWT"),
  IdentitySource: z.tuple([z.literal("$request.header.Authorization")]),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()).min(1) }),
});

/** `AWS::ApiGatewayV2::Authorizer` of type JWT, with the token in the usual header. */
export const provisionAuthorizer: Provision = (request, { apis }) => {
  const { JwtConfiguration } = AuthorizerProperties.parse(request.properties);
  const authorizerId = idOf(request);
  apis.putAuthorizer(authorizerId, { issuer: JwtConfiguration.Issuer, audience: JwtConfiguration.Audience });
  return { ref: authorizerId, attributes: { AuthorizerId: authorizerId } };
};

const RouteProperties = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.enum(["NONE", "AWS_IAM", "JWT"]).default("NONE"),
  AuthorizerId: z.string().optional(),
  Target: z.templateLiteral(["integrations/", z.string()]),
});

/** `AWS::ApiGatewayV2::Route`, open, with IAM authorization, or with a JWT authorizer. */
export const provisionRoute: Provision = (request, { apis }) => {
  const { RouteKey, AuthorizationType, AuthorizerId, Target } = RouteProperties.parse(request.properties);
  apis.putRoute(idOf(request), RouteKey, AuthorizationType, Target.replace("integrations/", ""), AuthorizerId);
  return { ref: idOf(request), attributes: { RouteId: idOf(request) } };
};
