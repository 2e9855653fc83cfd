import { CommandFailed } from "./api-errors.ts";
import { EXIT } from "./exit-codes.ts";
import type { AwsCredentials } from "./signing.ts";

/** The API that commands talk to, and as whom. */
export interface ApiTarget {
  readonly url: string;
  readonly region: string;
  /** The local cloud answers here; anything else is AWS. */
  readonly local: boolean;
  /** Bearer token (`HOLDFAST_TOKEN`); requests then go below `/token`, and are not signed. */
  readonly token?: string;
  /** How the caller calls itself. */
  readonly agent?: string;
  credentials(): Promise<AwsCredentials>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOCAL_API = "http://127.0.0.1:4510";
const DEFAULT_REGION = "us-west-2";
/** Known to everybody, and good for nothing but a local cloud (docs/api.md). */
const LOCAL_OPERATOR: AwsCredentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };

/**
 * Reads `HOLDFAST_API` and `HOLDFAST_TOKEN`. Throws `CommandFailed` when that is no http or https address, or one that
 * a token must not go to.
 */
export function apiTarget(environment: Environment): ApiTarget {
  const text = environment["HOLDFAST_API"] || LOCAL_API;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new CommandFailed(`HOLDFAST_API is "${text}", which is not an address such as ${LOCAL_API}`, EXIT.badUsage);
  }
  const address = url.href.replace(/\/$/, "");
  const token = environment["HOLDFAST_TOKEN"] ? { token: environment["HOLDFAST_TOKEN"] } : {};
  if (isLoopback(url.hostname)) {
    const region = environment["HOLDFAST_REGION"] || DEFAULT_REGION;
    return { url: address, region, local: true, ...token, credentials: async () => LOCAL_OPERATOR };
  }
  if (url.protocol === "http:" && "token" in token) {
    const advice = `use https; over http whoever is between here and ${url.host} can read the token`;
    throw new CommandFailed(
      `HOLDFAST_API is "${text}", and HOLDFAST_TOKEN would be sent there: ${advice}`,
      EXIT.badUsage,
    );
  }
  return {
    url: address,
    region: regionOf(url, environment),
    local: false,
    ...token,
    credentials: () => findCredentials(environment),
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The region is in API Gateway's own host names; a custom domain needs `HOLDFAST_REGION` or `AWS_REGION`. */
function regionOf(url: URL, environment: Environment): string {
  const [, inHost] = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(url.hostname) ?? [];
  return (
    inHost ??
    (environment["HOLDFAST_REGION"] || environment["AWS_REGION"]) ??
    environment["AWS_DEFAULT_REGION"] ??
    DEFAULT_REGION
  );
}

/** The SDK warns when there are keys beside the profile that was named, which has priority. */
const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The variables first, since they need no further code; else the SDK's chain of profiles, SSO and roles. */
async function findCredentials(environment: Environment): Promise<AwsCredentials> {
  const profile = environment["AWS_PROFILE"] || undefined;
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  try {
    const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
    // Named, since the one of a profile of Holdfast's is not in the environment of this process.
    return await defaultProvider({ ...(profile !== undefined && { profile }), logger: SILENT })();
  } catch (error) {
    throw new CommandFailed(`${noCredentials(profile)} (${messageOf(error)})`, EXIT.failed);
  }
}

function noCredentials(profile: string | undefined): string {
  return profile === undefined
    ? "There are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    : `The AWS profile ${profile} has no usable credentials. Look at ~/.aws/config, or log in: aws sso login --profile ${profile}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
