import { randomUUID } from "node:crypto";
import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import { AwsError } from "../wire/contract.ts";
import { SignatureError, verifySignature } from "../wire/sigv4.ts";
import { type AccessFacts, accessLine } from "./access-log.ts";
import { type EventFacts, toEvent } from "./event.ts";
import { type KeysOf, remoteKeys, verifyToken } from "./jwt.ts";
import {
  type ApiRoute,
  type HttpApiConfiguration,
  type HttpRequest,
  type HttpResponse,
  messageResponse,
} from "./model.ts";
import { toHttpResponse } from "./response.ts";
import { createRouter } from "./routes.ts";
import { createThrottle } from "./throttle.ts";

export interface HttpApiOptions {
  readonly lambda: Pick<LambdaService, "allows" | "invoke">;
  /** May this principal call `execute-api:Invoke` on the ARN? Asked after the signature was verified. */
  readonly mayInvoke: (principal: Principal, resourceArn: string) => boolean;
  /** Is given each line of the access log. */
  readonly onAccess?: (line: string) => void;
  /** Called with each answer, for metrics. */
  readonly onAnswer?: (answer: { readonly status: number; readonly milliseconds: number }) => void;
  /** Keys of issuers of tokens; if not given, each issuer is asked for its own. */
  readonly keysOf?: KeysOf;
}

/** An HTTP API of API Gateway: answers each request by the function of its route, or as the gateway itself would. */
export type HttpApi = (request: HttpRequest) => Promise<HttpResponse>;

export function createHttpApi(context: CloudContext, api: HttpApiConfiguration, options: HttpApiOptions): HttpApi {
  const route = createRouter(api.routes);
  const keysOf = options.keysOf ?? remoteKeys();
  const passes = createThrottle(api.throttle);
  return async (request) => {
    const requestId = randomUUID();
    const match = route(request.method, request.rawPath);
    const begun = context.clock.now();
    const seen: Seen = {};
    const answer = !match
      ? messageResponse(404, "Not Found")
      : passes(match.route.routeKey, begun)
        ? await answerRoute(context, api, { ...options, keysOf }, { request, match, requestId }, seen)
        : messageResponse(429, "Too Many Requests");
    options.onAnswer?.({ status: answer.statusCode, milliseconds: context.clock.now() - begun });
    if (api.accessLog) {
      const line = accessLine(api.accessLog.format, {
        ...{ request, requestId, ...seen, routeKey: match?.route.routeKey, status: answer.statusCode },
        requestTime: new Date(begun).toISOString(),
        milliseconds: context.clock.now() - begun,
      });
      options.onAccess?.(line);
    }
    return { ...answer, headers: { ...answer.headers, "apigw-requestid": requestId } };
  };
}

/** What the authorizer found out, for the access log. */
type Seen = { -readonly [K in "principal" | "claims" | "authorizerError"]?: AccessFacts[K] };

async function answerRoute(
  context: CloudContext,
  { apiId }: HttpApiConfiguration,
  options: HttpApiOptions & Required<Pick<HttpApiOptions, "keysOf">>,
  found: Pick<EventFacts, "request" | "match" | "requestId">,
  seen: Seen,
): Promise<HttpResponse> {
  const { request, match } = found;
  const arn = (path: string): string => `arn:aws:execute-api:${context.region}:${context.accountId}:${apiId}/${path}`;
  const caller = match.route.authorizationType === "AWS_IAM" ? authenticate(context, request) : undefined;
  if (match.route.authorizationType === "AWS_IAM") {
    const resource = arn(`$default/${request.method}${request.rawPath}`);
    seen.principal = caller?.principal;
    if (!caller || !options.mayInvoke(caller.principal, resource)) {
      seen.authorizerError = caller ? "not authorized to perform: execute-api:Invoke" : "The signature is not valid";
      return messageResponse(403, "Forbidden");
    }
  }
  const { jwt } = match.route;
  const claims = jwt && (await verifyToken(request, jwt, options.keysOf, context.clock.now()));
  seen.claims = claims;
  if (jwt && !claims) {
    seen.authorizerError = "The token is missing or not valid";
    return messageResponse(401, "Unauthorized");
  }
  const [method = "", path = ""] =
    match.route.routeKey === "$default" ? ["*", "/$default"] : match.route.routeKey.split(" ");
  const sourceArn = arn(`$default/${method === "ANY" ? "*" : method}${path}`);
  if (!options.lambda.allows(match.route.functionArn, { principal: "apigateway.amazonaws.com", sourceArn })) {
    context.log(`http api: ${sourceArn} is not allowed to invoke ${match.route.functionArn}`);
    return messageResponse(500, "Internal Server Error");
  }
  const event = toEvent({ ...found, accountId: context.accountId, apiId, time: context.clock.now(), caller, claims });
  return await invoke(context, options.lambda, match.route, event);
}

async function invoke(
  context: CloudContext,
  lambda: HttpApiOptions["lambda"],
  route: ApiRoute,
  event: Record<string, unknown>,
): Promise<HttpResponse> {
  const signal = AbortSignal.timeout(route.timeoutMs);
  try {
    const { payload, functionError } = await lambda.invoke(route.functionArn, JSON.stringify(event), { signal });
    if (!functionError) return toHttpResponse(payload);
    context.log(`http api: ${route.routeKey}: ${payload}`);
    return messageResponse(500, "Internal Server Error");
  } catch (error) {
    if (signal.aborted) return messageResponse(503, "Service Unavailable");
    if (!(error instanceof AwsError)) throw error;
    context.log(`http api: ${route.routeKey}: ${error.message}`);
    return messageResponse(500, "Internal Server Error");
  }
}

/** The signer of a request for `execute-api`; undefined when the signature is missing, wrong, or for something else. */
function authenticate(context: CloudContext, request: HttpRequest): EventFacts["caller"] {
  const signed = { ...request, path: request.rawPath, query: request.rawQueryString };
  try {
    const { principal, service, region } = verifySignature(signed, context.credentials, context.clock.now());
    if (service !== "execute-api" || region !== context.region) return undefined;
    return { principal, accessKeyId: accessKeyIdOf(request) };
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
}

/** From the header or the presigned query; the signature has been verified by then. */
function accessKeyIdOf({ headers, rawQueryString }: HttpRequest): string {
  const inHeader = /Credential=([^/]+)\//.exec(headers["authorization"] ?? "")?.[1];
  return inHeader ?? new URLSearchParams(rawQueryString).get("X-Amz-Credential")?.split("/")[0] ?? "";
}
