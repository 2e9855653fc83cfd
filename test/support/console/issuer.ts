import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** An issuer of tokens with PKCE, where somebody is signed in already: it sends the browser back at once. */
export async function startIssuer(token: string) {
  const challenges = new Map<string, string>();
  const state = { refuses: false };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://issuer");
    if (url.pathname === "/authorize") {
      const back = new URL(url.searchParams.get("redirect_uri") ?? "");
      const code = randomUUID();
      challenges.set(code, url.searchParams.get("code_challenge") ?? "");
      back.searchParams.set("state", url.searchParams.get("state") ?? "");
      if (state.refuses) back.searchParams.set("error_description", "You are not assigned to this application.");
      else back.searchParams.set("code", code);
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    const asked = new URLSearchParams(await text(request));
    const code = asked.get("code") ?? "";
    const challenge = createHash("sha256")
      .update(asked.get("code_verifier") ?? "")
      .digest("base64url");
    const isProven = challenges.get(code) === challenge && asked.get("client_id") === "console";
    challenges.delete(code);
    const headers = { "content-type": "application/json", "access-control-allow-origin": "*" };
    const document = isProven ? { access_token: token } : { error_description: "The code is not good." };
    response.writeHead(isProven ? 200 : 400, headers).end(JSON.stringify(document));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return {
    origin,
    state,
    signIn: {
      clientId: "console",
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
      token: "access_token" as const,
    },
    close: () => server.close(),
  };
}
