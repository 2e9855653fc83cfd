import { type AccessRules, type Action, mayDo } from "./authorization.ts";
import type { EventView } from "./views.ts";

/** Who makes a request of the API, and from where. */
export interface Caller {
  /**
   * Every name that rules may know the caller by, the most telling first: `iam:arn:aws:…` for who signed; for a token
   * `jwt:sub=alice`, and so for each value of each of its claims.
   */
  readonly principals: readonly string[];
  /** The door that let the caller in. */
  readonly door: "iam" | "token";
  readonly sourceIp: string;
  readonly userAgent: string;
}

/** The caller as the story of a cluster remembers whoever changed it. */
export type Signature = NonNullable<EventView["by"]>;

/** Claims that are about the token, not about who has it. */
const ABOUT_THE_TOKEN = new Set(["aud", "auth_time", "exp", "iat", "iss", "jti", "nbf"]);
const LONGEST_AGENT = 120;

/**
 * Names of a token's bearer. A name always begins with its claim, so that no subject can call itself a role. API Gateway
 * gives claims as text; a list is written `[one two]`.
 */
export const principalsOfClaims = (claims: Readonly<Record<string, string>>): string[] => {
  const { sub = "nobody", ...others } = claims;
  const named = Object.entries(others).filter(([claim]) => !ABOUT_THE_TOKEN.has(claim));
  return [`jwt:sub=${sub}`, ...named.flatMap(([claim, value]) => valuesOf(value).map((one) => `jwt:${claim}=${one}`))];
};

const valuesOf = (value: string): string[] =>
  value.startsWith("[") && value.endsWith("]")
    ? value
        .slice(1, -1)
        .split(/[\s,]+/)
        .filter((part) => part !== "")
    : [value];

/**
 * The rules where nobody has set others: IAM's policies say who may sign for the API, and whoever may do that may do
 * everything; a token may do what its claim `holdfast_role` says, and without one nothing.
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

/** May the caller do that to this cluster (null: to all, or to read: to any)? All names of the caller hold together. */
export const callerMay = (rules: AccessRules, caller: Caller, action: Action, cluster: string | null): boolean =>
  caller.principals.some((principal) => mayDo(rules, principal, action, cluster));

export const signatureOf = ({ principals, door, sourceIp, userAgent }: Caller): Signature => ({
  principal: principals[0] ?? "nobody",
  door,
  sourceIp,
  userAgent: userAgent.slice(0, LONGEST_AGENT),
});
