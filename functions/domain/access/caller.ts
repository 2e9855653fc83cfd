import { createHash } from "node:crypto";
import type { EventView } from "../api/views.ts";
import { type AccessRules, type Action, grantsFor } from "./authorization.ts";

/** Who makes a request of the API, and from where. */
export interface Caller {
  /**
   * Every name that rules may know the caller by, the most specific first: `iam:arn:aws:…` for who signed; for a token
   * `jwt:sub=alice`, and so for each value of each of its claims.
   */
  readonly principals: readonly string[];
  /** How the caller was authenticated. */
  readonly authMethod: "iam" | "token";
  /** When the token ends that proved it. */
  readonly tokenEndsAt?: Date;
  readonly sourceIp: string;
  readonly userAgent: string;
}

/** The caller as recorded in the event history. */
export type Signature = NonNullable<EventView["by"]>;

/** Claims that are about the token, not about who has it. */
const ABOUT_THE_TOKEN = new Set(["aud", "auth_time", "exp", "iat", "iss", "jti", "nbf"]);
const MAX_AGENT_LENGTH = 120;

/** Claims as API Gateway hands them on once it has verified a token: text, a list as `[one two]`. */
export type VerifiedClaims = Readonly<Record<string, string>>;

/**
 * Names of a token's bearer; none without a subject. A name always begins with its claim, so that no subject can call
 * itself a role. `payload` is the token's own: it only shows where one value of a list ends and the next begins.
 */
export function principalsOfClaims(verified: VerifiedClaims, payload: Readonly<Record<string, unknown>>): string[] {
  const { sub, ...others } = verified;
  if (sub === undefined) return [];
  const isSameToken = payload["sub"] === sub && payload["iss"] === verified["iss"];
  const named = Object.entries(others).filter(([claim]) => !ABOUT_THE_TOKEN.has(claim) && !claim.includes("="));
  return [
    `jwt:sub=${sub}`,
    ...named.flatMap(([claim, text]) =>
      valuesOf(text, isSameToken ? payload[claim] : undefined).map((value) => `jwt:${claim}=${value}`),
    ),
  ];
}

/** An ambiguous value is no name: `[interns ops]` may be one group or two. */
function valuesOf(text: string, real: unknown): readonly string[] {
  if (Array.isArray(real))
    return real.every((one) => typeof one === "string") && text === `[${real.join(" ")}]` ? real : [];
  const looksLikeList = text.startsWith("[") && text.endsWith("]");
  return looksLikeList && real !== text ? [] : [text];
}

/** The claims inside a bearer token, which is not verified here; none for anything else. */
export function payloadOf(authorization: string | undefined): Readonly<Record<string, unknown>> {
  const encoded = /^(?:Bearer )?[\w-]+\.([\w-]+)\.[\w-]+$/i.exec(authorization ?? "")?.[1];
  try {
    const payload: unknown = JSON.parse(Buffer.from(encoded ?? "", "base64url").toString("utf8"));
    return typeof payload === "object" ? Object.fromEntries(Object.entries(payload ?? {})) : {};
  } catch {
    return {};
  }
}

/**
 * Default rules. Whoever may sign for the API under IAM's policies may do everything. A token may do what its claim
 * `holdfast_role` says, and nothing without one.
 */
export const DEFAULT_ACCESS: AccessRules = {
  principals: {
    "iam:*": [{ role: "admin", clusters: "*" }],
    "jwt:holdfast_role=viewer": [{ role: "viewer", clusters: "*" }],
    "jwt:holdfast_role=operator": [{ role: "operator", clusters: "*" }],
    "jwt:holdfast_role=admin": [{ role: "admin", clusters: "*" }],
  },
  roles: {},
  secondPerson: [],
};

/**
 * True if the caller may do this to the cluster. `null` means all clusters, or for `read` any of them. All names of the
 * caller count together.
 */
export function callerMay(rules: AccessRules, { principals }: Caller, action: Action, cluster: string | null): boolean {
  return grantsFor(rules, principals, action, cluster).length > 0;
}

/** So that nobody's name can be mistaken for one of Kubernetes' own, such as `system:…`. */
const PREFIX = "holdfast:";
/** The longest common name (X.520, ub-common-name). */
const MAX_NAME_LENGTH = 64;
const HASH_DIGITS = 16;

/**
 * A principal's name in Kubernetes: the end of the principal, which is the most specific part, and a hash of the whole.
 * Principals with equal ends stay distinct.
 */
export function kubernetesUser(principal: string): string {
  const hash = createHash("sha256").update(principal).digest("hex").slice(0, HASH_DIGITS);
  const end = principal.replace(/[^\x21-\x7e]/g, "?").slice(PREFIX.length + 1 + HASH_DIGITS - MAX_NAME_LENGTH);
  return `${PREFIX}${end}#${hash}`;
}

export function signatureOf({ principals, authMethod, sourceIp, userAgent }: Caller): Signature {
  return {
    principal: principals[0] ?? "nobody",
    authMethod,
    sourceIp,
    userAgent: userAgent.slice(0, MAX_AGENT_LENGTH),
  };
}
