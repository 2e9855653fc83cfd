import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import { type AwsCredentials, signedHeaders } from "../../../client/signing.ts";
import type { EndpointRecord } from "../../domain/fleet/endpoint-records.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import { present } from "../common/aws-errors.ts";

/** It did not answer, or does not let us in: nothing is known of its clusters. */
export class EndpointUnreachable extends Error {}

export interface HoldfastRequest {
  readonly method: "GET" | "PATCH";
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface HoldfastAnswer {
  readonly status: number;
  readonly document: unknown;
}

/** Another Holdfast's API. Throws EndpointUnreachable. */
export type HoldfastApi = (request: HoldfastRequest) => Promise<HoldfastAnswer>;

const REQUEST_LIMIT_MS = 5_000;
/** Keys are used for so long, and STS gives no shorter ones. */
const SESSION_SECONDS = 900;
const RENEW_BEFORE_MS = 120_000;

interface Keys {
  readonly credentials: AwsCredentials;
  readonly until: number;
}

/** Calls of the API of an endpoint, signed by its role, which is assumed once for all of them. */
export function openHoldfastApi(
  sts: STSClient,
  { name, api, region, roleArn }: Pick<EndpointRecord, "name" | "api" | "region" | "roleArn">,
): HoldfastApi {
  let keys: Promise<Keys> | undefined;
  const currentKeys = async (): Promise<Keys> => {
    const known = await keys?.catch(() => undefined);
    if (known && known.until - Date.now() > RENEW_BEFORE_MS) return known;
    keys = assume(sts, roleArn).catch((error: unknown) => {
      throw new EndpointUnreachable(
        `endpoint ${name} does not let this hub in: role ${roleArn} cannot be assumed; its stack needs this hub's HubRoleArn as HubRole (${reasonOf(error)})`,
      );
    });
    return await keys;
  };
  return async ({ method, path, headers: more = {}, body }) => {
    const url = new URL(`${api.replace(/\/$/, "")}${path}`);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: "application/json",
      "user-agent": "holdfast-hub",
      ...(text === undefined ? {} : { "content-type": "application/json" }),
      ...more,
    };
    try {
      const { credentials } = await currentKeys();
      const signed = await signedHeaders({ method, url, headers, body: text }, region, credentials);
      const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
      // A signed request is for this host: a redirect would show it to another.
      const answer = await fetch(url, { method, headers: signed, signal, redirect: "error", body: text ?? null });
      const document = parseJson(await answer.text());
      // Without a problem of Holdfast's own it is API Gateway that turns us away.
      if ((answer.status === 401 || answer.status === 403) && !isProblem(document))
        throw new EndpointUnreachable(`endpoint ${name} does not let role ${roleArn} call it (${answer.status})`);
      return { status: answer.status, document };
    } catch (error) {
      if (error instanceof EndpointUnreachable) throw error;
      throw new EndpointUnreachable(`endpoint ${name} does not answer: ${reasonOf(error)}`);
    }
  };
}

async function assume(sts: STSClient, RoleArn: string): Promise<Keys> {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "holdfast-hub", DurationSeconds: SESSION_SECONDS }),
  );
  const made = present(Credentials, "credentials");
  const credentials = {
    accessKeyId: present(made.AccessKeyId, "an access key"),
    secretAccessKey: present(made.SecretAccessKey, "a secret key"),
    sessionToken: present(made.SessionToken, "a session token"),
  };
  return { credentials, until: Date.now() + SESSION_SECONDS * 1000 };
}

function isProblem(document: unknown): boolean {
  return typeof document === "object" && document !== null && "type" in document;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError" ? "no answer within 5 seconds" : error.message;
}
