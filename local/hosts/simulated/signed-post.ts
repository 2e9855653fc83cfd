import { createHash, createHmac } from "node:crypto";
import type { HostCredentials } from "../driver.ts";

export interface Signer {
  readonly region: string;
  readonly credentials: Pick<HostCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken">;
  readonly at: Date;
}

/** A POST of JSON to an HTTP API, signed as curl signs it. Resolves with the answer's JSON; rejects with what refused it. */
export async function signedPost(url: URL, body: string, signer: Signer): Promise<unknown> {
  const response = await fetch(url, { method: "POST", body, headers: sign(url, body, signer) });
  const answer = await response.text();
  if (!response.ok) throw new Error(`the API answers ${response.status}: ${answer}`);
  return JSON.parse(answer);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Signature Version 4 of a path that needs no encoding and has no query. */
function sign(url: URL, body: string, { region, credentials, at }: Signer): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [time.slice(0, 8), region, "execute-api", "aws4_request"];
  const headers = {
    "content-type": "application/json",
    host: url.host,
    "x-amz-date": time,
    "x-amz-security-token": credentials.sessionToken,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const request = ["POST", url.pathname, "", ...lines, "", names, sha256(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
  const hmac = (key: Buffer | string, text: string) => createHmac("sha256", key).update(text).digest();
  const key = scope.reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  const { host: _, ...sent } = headers;
  const credential = `Credential=${credentials.accessKeyId}/${scope.join("/")}`;
  const signature = hmac(key, toSign).toString("hex");
  return { ...sent, authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}` };
}
