/**
 * The variables at the head of user data (`functions/domain/host/boot-script.ts`): lines `NAME='value'` after the first line, up
 * to the first that is something else.
 */
export function bootVariables(userData: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const assignment = /([A-Z_]+)='((?:[^']|'\\'')*)'\n/y;
  assignment.lastIndex = userData.indexOf("\n") + 1;
  for (let match = assignment.exec(userData); match; match = assignment.exec(userData)) {
    const [, name = "", value = ""] = match;
    variables.set(name, value.replaceAll("'\\''", "'"));
  }
  return variables;
}

/** The variables of a master, by the names that `functions/hosts/boot/master.sh` uses. */
export interface MasterVariables {
  readonly cluster: string;
  readonly uid: string;
  readonly table: string;
  /** Beginning of every instance's ARN. */
  readonly instances: string;
  readonly parameters: string;
  readonly member: string;
  readonly address: string;
  readonly endpoint: string;
  readonly initialCluster: readonly { readonly name: string; readonly peerUrl: string }[];
}

/** Undefined for user data that is not a master's. */
export function masterVariables(variables: ReadonlyMap<string, string>): MasterVariables | undefined {
  const member = variables.get("MEMBER");
  if (member === undefined) return undefined;
  const of = (name: string): string => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`user data of a master does not set ${name}`);
    return value;
  };
  return {
    member,
    cluster: of("CLUSTER"),
    uid: of("CLUSTER_UID"),
    table: of("TABLE"),
    instances: of("INSTANCES"),
    parameters: of("PARAMETERS"),
    address: of("ADDRESS"),
    endpoint: of("ENDPOINT"),
    initialCluster: of("INITIAL_CLUSTER")
      .split(",")
      .map((entry) => {
        const [name = "", peerUrl = ""] = entry.split("=");
        return { name, peerUrl };
      }),
  };
}
