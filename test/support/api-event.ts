import type { APIGatewayEventRequestContextV2, APIGatewayProxyEventV2 } from "aws-lambda";

interface ApiEvent extends APIGatewayProxyEventV2 {
  readonly requestContext: APIGatewayEventRequestContextV2 & { readonly authorizer?: object };
}

export type ApiChange = Partial<
  Pick<APIGatewayProxyEventV2, "routeKey" | "pathParameters" | "queryStringParameters" | "headers" | "body">
>;

/** A request as API Gateway's HTTP APIs hand it to a function, with what an authorizer has found out. */
export function apiEvent(route: string, authorizer: object | undefined, change: ApiChange = {}): ApiEvent {
  const [method = "", path = ""] = route.split(" ");
  return {
    version: "2.0",
    routeKey: route,
    rawPath: path,
    rawQueryString: "",
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: "111122223333",
      apiId: "api",
      domainName: "api.execute-api.us-west-2.amazonaws.com",
      domainPrefix: "api",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "test" },
      requestId: "req-1",
      routeKey: route,
      stage: "$default",
      time: "25/Nov/2026:12:00:00 +0000",
      timeEpoch: 1_795_608_000_000,
      ...(authorizer && { authorizer }),
    },
    ...change,
  };
}
