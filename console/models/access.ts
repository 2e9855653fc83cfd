/** Who is signed in, and what the stack's rules allow. The API decides again at each request. */
export interface Session {
  /** `iam:arn:…` or `jwt:sub=…` */
  readonly principal: string;
  readonly grants: readonly Grant[];
}

export interface Grant {
  readonly actions: readonly string[];
  /** Pattern of clusters' names. */
  readonly clusters: string;
}

export type Action = "create" | "change" | "repair" | "delete";

/** May this action be offered? `cluster` null: of a cluster that has no name yet. */
export function mayDo({ grants }: Pick<Session, "grants">, action: Action, cluster: string | null): boolean {
  return grants.some(
    ({ actions, clusters }) => actions.includes(action) && (cluster === null || matches(clusters, cluster)),
  );
}

/** `*` stands for any text. */
function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return name === first;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  const last = rest.pop() ?? "";
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}

/** The last part of a name: `alice` of an ARN, the subject of a token. */
export function shortName(principal: string): string {
  return principal.split(/[/=]/).at(-1) || principal;
}
