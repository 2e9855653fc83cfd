import * as z from "zod";
import type { ForeignResource } from "../ec2/seed.ts";
import { explainRefusal } from "../faults/explain-refusal.ts";
import type { Faults } from "../faults/faults.ts";
import type { HostDriver } from "../hosts/driver.ts";
import type { HttpApi } from "../httpapi/http-api.ts";
import { type HttpRequest, type HttpResponse, jsonResponse, messageResponse } from "../httpapi/model.ts";
import type { HttpServerOptions } from "../httpapi/server.ts";
import type { TokenIssuer } from "../httpapi/token-issuer.ts";
import type { Authorizer } from "../iam/authorization/authorizer.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { AccountQuotas } from "../service-quotas/account-quotas.ts";
import { AwsError } from "../wire/contract.ts";
import { consolePage } from "./console-page.ts";

export interface PageServices {
  /** False until the stack runs. */
  readonly ready: () => boolean;
  readonly logs: LambdaService["logs"];
  /** What roles asked IAM for. */
  readonly uses: Authorizer["uses"];
  readonly seed: (resource: ForeignResource) => void;
  readonly setQuota: AccountQuotas["set"];
  /** The command with which a person runs a program on an instance, from this machine. */
  readonly shellCommand: HostDriver["shellCommand"];
  readonly faults: Faults;
  readonly tokens: TokenIssuer;
  readonly api: () => HttpApi | undefined;
}

const QuotaSeed = z.strictObject({ kind: z.literal("quota"), code: z.string(), value: z.number().min(0) });

const SeedRequest = z.object({
  resources: z.array(
    z.union([
      QuotaSeed,
      z.custom<ForeignResource>(
        (value) => z.object({ kind: z.enum(["image", "security-group"]) }).safeParse(value).success,
        "a resource has a kind: image, security-group or quota (with code and value)",
      ),
    ]),
  ),
});

const ShellRequest = z.object({ instanceId: z.string(), argv: z.array(z.string()) });

/** The local cloud's own pages, beside the API: health, what functions printed, what roles asked for, foreign resources, faults, tokens, and the way into the console. */
export function createPages(services: PageServices): HttpServerOptions["pages"] {
  return {
    "GET /_health": () =>
      jsonResponse(services.ready() ? 200 : 503, { status: services.ready() ? "ready" : "starting" }),
    "GET /_log": ({ rawQueryString }) => {
      const name = new URLSearchParams(rawQueryString).get("function") ?? undefined;
      return jsonResponse(200, { lines: services.logs(name) });
    },
    "GET /_iam": () => jsonResponse(200, { uses: services.uses() }),
    "GET /console/": consolePage(services.api, services.tokens),
    "POST /_seed": (request) =>
      withJson(request, (body) => {
        const { resources } = SeedRequest.parse(body);
        for (const resource of resources) {
          if (resource.kind === "quota") services.setQuota(resource.code, resource.value);
          else services.seed(resource);
        }
        return { seeded: resources.length };
      }),
    "POST /_shell": (request) =>
      withJson(request, (body) => {
        const { instanceId, argv } = ShellRequest.parse(body);
        return services.shellCommand(instanceId, argv);
      }),
    ...services.tokens.pages,
    "POST /_issuer": (request) => withJson(request, async (body) => ({ token: await services.tokens.issue(body) })),
    "POST /_faults": (request) => withJson(request, (body) => services.faults.begin(body)),
    "GET /_faults": () => jsonResponse(200, { faults: services.faults.list() }),
    "DELETE /_faults": () => answerWith(async () => ({ ended: await services.faults.end() })),
    "DELETE /_faults/*": ({ rawPath }) =>
      answerWith(async () => ({ ended: await services.faults.end(rawPath.slice("/_faults/".length)) })),
  };
}

/**
 * Answers with what `act` returns, or with 400 and the reason. Only `application/json` is taken: a page of the web may
 * not send that to 127.0.0.1 without asking first, and nothing here answers such a question.
 */
async function withJson(request: HttpRequest, act: (body: unknown) => unknown): Promise<HttpResponse> {
  if (!request.headers["content-type"]?.startsWith("application/json"))
    return messageResponse(415, "Send application/json");
  return answerWith(() => act(JSON.parse(request.body.toString("utf8"))));
}

async function answerWith(act: () => unknown): Promise<HttpResponse> {
  try {
    return jsonResponse(200, await act());
  } catch (error) {
    if (error instanceof z.ZodError) return messageResponse(400, explainRefusal(error));
    if (error instanceof AwsError || error instanceof SyntaxError) return messageResponse(400, error.message);
    throw error;
  }
}
