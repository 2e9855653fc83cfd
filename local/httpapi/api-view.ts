import type * as sdk from "@aws-sdk/client-apigatewayv2";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers, type OutputOf } from "../wire/contract.ts";

/** What the template declared of an HTTP API, in the API's own terms. */
export interface ApiView {
  readonly apiId: string;
  readonly name: string;
  readonly endpoint: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly routes: readonly (Required<Pick<sdk.Route, "RouteId" | "RouteKey" | "AuthorizationType" | "Target">> &
    Pick<sdk.Route, "AuthorizerId">)[];
  readonly integrations: readonly { readonly id: string; readonly functionArn: string; readonly timeoutMs: number }[];
  readonly authorizers: readonly {
    readonly id: string;
    readonly issuer: string;
    readonly audience: readonly string[];
  }[];
  readonly stage: Pick<sdk.Stage, "AccessLogSettings" | "DefaultRouteSettings">;
}

interface PageRequest {
  readonly MaxResults?: string | undefined;
  readonly NextToken?: string | undefined;
}

/** API Gateway for reading: the API that the local cloud serves. */
export function createApiGateway(apis: { readonly current?: ApiView }): Handlers<typeof sdk> {
  const find = (apiId: string | undefined): ApiView => {
    if (apis.current && apis.current.apiId === apiId) return apis.current;
    throw notFound(`Invalid API identifier specified 123456789012:${apiId}`);
  };
  return {
    GetApis: (input) => pageOf(apis.current ? [viewApi(apis.current)] : [], input),
    GetApi: ({ ApiId }) => viewApi(find(ApiId)),
    GetRoutes: (input) => pageOf(find(input.ApiId).routes.map(viewRoute), input),
    GetRoute: ({ ApiId, RouteId }) => viewRoute(one(find(ApiId).routes, (each) => each.RouteId === RouteId, "Route")),
    GetIntegrations: (input) => pageOf(find(input.ApiId).integrations.map(viewIntegration), input),
    GetIntegration: ({ ApiId, IntegrationId }) =>
      viewIntegration(one(find(ApiId).integrations, ({ id }) => id === IntegrationId, "Integration")),
    GetStages: (input) => pageOf([viewStage(find(input.ApiId))], input),
    GetStage: ({ ApiId, StageName }) => one([viewStage(find(ApiId))], (each) => each.StageName === StageName, "Stage"),
    GetAuthorizers: (input) => pageOf(find(input.ApiId).authorizers.map(viewAuthorizer), input),
    GetDeployments: (input) => ({ Items: find(input.ApiId) && [] }),
    GetDomainNames: () => ({ Items: [] }),
    GetVpcLinks: () => ({ Items: [] }),
    GetTags: () => ({ Tags: {} }),
  };
}

function pageOf<T>(all: readonly T[], { MaxResults, NextToken }: PageRequest) {
  const limit = MaxResults === undefined ? 100 : Number(MaxResults);
  const page = paginate(all, { limit, token: NextToken, tokenError: "BadRequestException" });
  return { Items: page.items, NextToken: page.nextToken };
}

function one<T>(all: readonly T[], isWanted: (each: T) => boolean, what: string): T {
  const found = all.find(isWanted);
  if (found) return found;
  throw notFound(`Invalid ${what} identifier specified`);
}

function notFound(message: string): AwsError {
  return new AwsError("NotFoundException", message, { status: 404 });
}

function viewApi({ apiId, name, endpoint, createdAt }: ApiView): OutputOf<typeof sdk, "GetApi"> & sdk.Api {
  return {
    ...{ ApiId: apiId, ApiEndpoint: endpoint, Name: name, ProtocolType: "HTTP", CreatedDate: new Date(createdAt) },
    ApiKeySelectionExpression: "$request.header.x-api-key",
    RouteSelectionExpression: "$request.method $request.path",
    DisableExecuteApiEndpoint: false,
    Tags: {},
  };
}

function viewRoute(route: ApiView["routes"][number]): sdk.Route {
  return { ApiKeyRequired: false, ...route };
}

function viewIntegration({ id, functionArn, timeoutMs }: ApiView["integrations"][number]) {
  return {
    ...{ IntegrationId: id, IntegrationUri: functionArn, TimeoutInMillis: timeoutMs, PayloadFormatVersion: "2.0" },
    IntegrationType: "AWS_PROXY" as const,
    IntegrationMethod: "POST",
    ConnectionType: "INTERNET" as const,
  };
}

function viewStage({ stage, createdAt }: ApiView) {
  return {
    ...{ StageName: "$default", AutoDeploy: true, StageVariables: {}, RouteSettings: {}, Tags: {}, ...stage },
    CreatedDate: new Date(createdAt),
    LastUpdatedDate: new Date(createdAt),
  };
}

function viewAuthorizer({ id, issuer, audience }: ApiView["authorizers"][number]) {
  return {
    ...{ AuthorizerId: id, Name: "jwt", AuthorizerType: "JWT" as const },
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Issuer: issuer, Audience: [...audience] },
  };
}
