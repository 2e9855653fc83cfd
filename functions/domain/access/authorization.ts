import * as z from "zod";
import { Limits } from "./limits.ts";
import { matches, Pattern } from "./pattern.ts";

/**
 * Actions that rules can allow. `read` shows, `repair` heals what exists, `change` alters it, `administer` makes
 * somebody an administrator inside the cluster.
 */
export const ACTIONS = ["read", "create", "change", "repair", "delete", "administer"] as const;
export type Action = (typeof ACTIONS)[number];

const ROLES = ["viewer", "operator", "admin"] as const;
type Role = (typeof ROLES)[number];

const ALLOWED: Readonly<Record<Role, readonly Action[]>> = {
  viewer: ["read"],
  operator: ["read", "create", "change", "repair", "administer"],
  admin: ["read", "create", "change", "repair", "delete", "administer"],
};

const Grant = z.strictObject({
  role: z.enum(ROLES),
  /** The names of the clusters that it is about. */
  clusters: Pattern.default("*"),
  /** How large a cluster may be made with this grant. */
  limits: Limits.exactOptional(),
});
export type Grant = z.output<typeof Grant>;

/** Reading changes nothing, so nobody confirms it. */
const TwoPersonAction = z.enum(ACTIONS).exclude(["read"]);

/**
 * Rules: who may do what to which clusters. A principal begins with its origin: `slack:T024BE7LD/U2CERLKJA`,
 * `iam:arn:aws:iam::111122223333:role/ops`. Keys may be patterns. All grants whose key matches apply together.
 */
export const AccessRules = z.strictObject({
  principals: z.record(Pattern, z.array(Grant)),
  /** What a role may do, where it differs from the usual. */
  roles: z.partialRecord(z.enum(ROLES), z.array(z.enum(ACTIONS))).default({}),
  /** What one person asks for and another must confirm. */
  secondPerson: z.array(TwoPersonAction).default([]),
});
export type AccessRules = z.output<typeof AccessRules>;

export function needsSecondPerson({ secondPerson }: Pick<AccessRules, "secondPerson">, action: Action): boolean {
  return secondPerson.some((each) => each === action);
}

/** A grant, and the principal of the rules that has it. */
export type HeldGrant = Grant & { readonly of: string };

/**
 * Grants that allow one of these principals this action on this cluster; empty if none. Without a cluster (null) the
 * action is about all of them. Reading all needs any grant, since each cluster is checked separately. Every other
 * action on all needs a grant for `*`.
 */
export function grantsFor(
  rules: AccessRules,
  principals: readonly string[],
  action: Action,
  cluster: string | null,
): HeldGrant[] {
  return Object.entries(rules.principals)
    .filter(([key]) => principals.some((principal) => isPrincipal(key, principal)))
    .flatMap(([of, grants]) => grants.map((grant) => ({ ...grant, of })))
    .filter(({ role, clusters }) => {
      if (!(rules.roles[role] ?? ALLOWED[role]).includes(action)) return false;
      if (cluster === null) return action === "read" || clusters === "*";
      return matches(clusters, cluster);
    });
}

/** Actions by the clusters on which they are allowed. */
export type Grants = readonly { readonly actions: readonly Action[]; readonly clusters: string }[];

/** What these principals may do by themselves, for people to look at. */
export function grantsFrom(rules: AccessRules, principals: readonly string[]): Grants {
  return Object.entries(rules.principals)
    .filter(([key]) => principals.some((principal) => isPrincipal(key, principal)))
    .flatMap(([, grants]) => grants)
    .map(({ role, clusters }) => ({
      actions: (rules.roles[role] ?? ALLOWED[role]).filter((action) => !needsSecondPerson(rules, action)),
      clusters,
    }));
}

export function mayDo(rules: AccessRules, principal: string, action: Action, cluster: string | null): boolean {
  return grantsFor(rules, [principal], action, cluster).length > 0;
}

/** `iam:arn:partition:service:region:account:resource` */
const ARN_PARTS = 7;

/**
 * Each colon-separated part of an ARN is compared separately, as IAM's ArnLike does. The last part of the pattern
 * matches the rest. Otherwise `iam:arn:*:role/ops` would match a user whose path is `/x:role/`, and whoever creates
 * users chooses the path.
 */
export function isPrincipal(pattern: string, principal: string): boolean {
  if (!pattern.startsWith("iam:arn:")) return matches(pattern, principal);
  const count = Math.min(pattern.split(":").length, ARN_PARTS);
  const parts = partsOf(principal, count);
  return partsOf(pattern, count).every((part, index) => matches(part, parts[index] ?? ""));
}

function partsOf(text: string, count: number): string[] {
  const parts = text.split(":");
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(":")];
}
