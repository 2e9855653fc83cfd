import * as z from "zod";

/**
 * What somebody may be asked to be allowed. `read` shows, `repair` heals what is there, `change` makes it another, `administer`
 * makes somebody an administrator inside the cluster, for Kubernetes to obey.
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

/** `*` stands for any run of characters, dots included: `*.dev.example.com`, or `*` for everything. */
const Pattern = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[\x21-\x7e]+$/);

const Grant = z.strictObject({
  role: z.enum(ROLES),
  /** The names of the clusters that it is about. */
  clusters: Pattern.default("*"),
});

/**
 * Who may do what to which clusters. Principals are text that begins with where they come from: `slack:T024BE7LD/U2CERLKJA`,
 * `iam:arn:aws:iam::111122223333:role/ops`. Their keys may be patterns; all grants whose key matches hold together.
 */
export const AccessRules = z.strictObject({
  principals: z.record(Pattern, z.array(Grant)),
  /** What a role may do, where it differs from the usual. */
  roles: z.partialRecord(z.enum(ROLES), z.array(z.enum(ACTIONS))).default({}),
  /** What one person asks for and another must confirm. */
  secondPerson: z.array(z.enum(ACTIONS)).default([]),
});
export type AccessRules = z.output<typeof AccessRules>;

/**
 * May this principal do that to this cluster? Without a cluster (null) the question is about all of them: to read, any grant
 * is enough, since what is shown is asked about one by one; for anything else a grant for `*` is needed.
 */
export const mayDo = (rules: AccessRules, principal: string, action: Action, cluster: string | null): boolean =>
  Object.entries(rules.principals)
    .filter(([key]) => matches(key, principal))
    .flatMap(([, grants]) => grants)
    .some(({ role, clusters }) => {
      if (!(rules.roles[role] ?? ALLOWED[role]).includes(action)) return false;
      if (cluster === null) return action === "read" || clusters === "*";
      return matches(clusters, cluster);
    });

/** Without a regular expression, so that no pattern can take exponential time. */
const matches = (pattern: string, text: string): boolean => {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
};
