import * as z from "zod";
import type { HttpApi } from "../httpapi/http-api.ts";
import { type HttpRequest, type HttpResponse, messageResponse } from "../httpapi/model.ts";
import type { TokenIssuer } from "../httpapi/token-issuer.ts";

const Role = z.enum(["admin", "operator", "viewer"]).default("admin");
const Opened = z.object({ code: z.string() });
const LIFETIME_S = 43_200;

/**
 * `GET /console/`: signs in whoever sits at this machine, by the API as anybody would: with a token of the local issuer
 * it asks for a code, and sends the browser on with it. `?as=viewer` is somebody who may only look.
 */
export function consolePage(api: () => HttpApi | undefined, tokens: Pick<TokenIssuer, "issue">) {
  return async ({ rawQueryString, headers, sourceIp }: HttpRequest): Promise<HttpResponse> => {
    const role = Role.safeParse(new URLSearchParams(rawQueryString).get("as") ?? undefined);
    if (!role.success) return messageResponse(400, "?as= takes admin, operator or viewer");
    const token = await tokens.issue({
      subject: `local-${role.data}`,
      claims: { holdfast_role: role.data },
      lifetime: LIFETIME_S,
    });
    const answer = await api()?.({
      method: "POST",
      rawPath: "/token/console-sessions",
      rawQueryString: "",
      headers: { host: headers["host"] ?? "", "content-type": "application/json", authorization: `Bearer ${token}` },
      body: Buffer.from("{}"),
      sourceIp,
    });
    if (!answer) return messageResponse(503, "The local cloud is starting");
    if (answer.statusCode !== 201) return answer;
    const { code } = Opened.parse(JSON.parse(answer.body.toString("utf8")));
    const location = `/console/clusters#code=${code}`;
    return { statusCode: 302, headers: { location, "cache-control": "no-store" }, cookies: [], body: Buffer.alloc(0) };
  };
}
