import * as z from "zod";
import type { CallRecord } from "../../../local/wire/server.ts";
import type { CloudSample } from "./observations.ts";

/** Functions that work outside of operations: they answer requests, start operations, or look. */
const NO_STEPS =
  /assumed-role\/Holdfast-(createcluster|createplan|getcluster|getoperation|list\w+|masterlost|reconcile)Role/;
/** Backups and drills hold no cluster: they read its masters, and write to the bucket and to throwaway instances only. */
const BESIDE_OPERATIONS =
  /assumed-role\/Holdfast-(beginbackup|savesnapshot|comparehashes|commitbackup|removeoldbackups|drillstep)Role/;
const READING = /^(Describe|Get|List|Head)/;
/** Documents that only ask. */
const ASKING = /member-health|list-members|list-nodes|api-ready/;

const Sent = z.looseObject({
  DocumentName: z.string(),
  Parameters: z.record(z.string(), z.array(z.string())).optional(),
});
const Terminated = z.looseObject({ InstanceIds: z.array(z.string()) });
const Replaced = z.looseObject({ InstanceId: z.string() });

export function isOfFunctions({ principal }: CallRecord): boolean {
  return principal.includes("assumed-role/Holdfast-");
}

export function isOfSteps(call: CallRecord): boolean {
  return isOfFunctions(call) && !NO_STEPS.test(call.principal);
}

export function isBesideOperations({ principal }: CallRecord): boolean {
  return BESIDE_OPERATIONS.test(principal);
}

/** Changes the world outside of our own table and bus. */
export function isMutating({ service, operation, input }: CallRecord): boolean {
  if (service === "dynamodb" || service === "events" || READING.test(operation)) return false;
  if (operation === "StartExecution") return false;
  return operation !== "SendCommand" || !ASKING.test(Sent.safeParse(input).data?.DocumentName ?? "");
}

/** A member that one of our calls takes down, or takes out of etcd, on purpose. */
export interface VoluntaryOutage {
  readonly at: number;
  readonly member: string;
  readonly what: string;
}

/** Our calls that end a master or remove a member, in order. A call that was refused ended nothing. */
export function voluntaryOutages(calls: readonly CallRecord[], cloud: readonly CloudSample[]): VoluntaryOutage[] {
  const masters = new Map(
    cloud.flatMap(({ masters }) => masters.map(({ instanceId, member }) => [instanceId, member] as const)),
  );
  return calls
    .filter((call) => isOfFunctions(call) && call.error === undefined)
    .flatMap(({ operation, input, startedAt }) =>
      endedBy(operation, input, masters).map((member) => ({ at: startedAt, member, what: operation })),
    )
    .toSorted((one, other) => one.at - other.at);
}

function endedBy(operation: string, input: unknown, masters: ReadonlyMap<string, string>): string[] {
  if (operation === "SendCommand") {
    const { DocumentName = "", Parameters } = Sent.safeParse(input).data ?? {};
    return DocumentName.includes("renew-member") ? (Parameters?.["name"] ?? []) : [];
  }
  const ids =
    operation === "TerminateInstances"
      ? (Terminated.safeParse(input).data?.InstanceIds ?? [])
      : operation === "TerminateInstanceInAutoScalingGroup"
        ? [Replaced.parse(input).InstanceId]
        : [];
  return ids.flatMap((id) => masters.get(id) ?? []);
}
