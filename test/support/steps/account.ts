import type { InstanceFacts } from "../../../functions/aws/ec2/compute.ts";
import { NotReadyYet } from "../../../functions/domain/cluster/errors.ts";
import { masterGroupName, ownerTags } from "../../../functions/domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../../functions/domain/cluster/records.ts";
import type { GroupFacts, GroupInstance } from "../../../functions/domain/drift/group-drift.ts";

interface Command {
  readonly document: string;
  readonly instanceId: string;
  readonly parameters: Readonly<Record<string, string[]>>;
}

/** What a host says to a document; undefined: it has not answered yet. */
type Host = (command: Command) => { readonly ok: boolean; readonly output: string } | undefined;

/** The masters of a cluster as AWS has them: groups, instances, volumes, parameters, and hosts that run documents. */
export class Account {
  readonly groups = new Map<string, GroupFacts>();
  readonly instances = new Map<string, InstanceFacts>();
  readonly interfaces = new Map<string, string | null>();
  readonly volumes = new Map<string, { state: string; attachedTo: string | null }>();
  readonly parameters = new Map<string, string>();
  readonly commands: Command[] = [];
  readonly #cluster: ClusterRecord;
  host: Host = () => ({ ok: true, output: "" });

  constructor(cluster: ClusterRecord, members: readonly MemberRecord[]) {
    this.#cluster = cluster;
    for (const { member, instanceId, volumeId, interfaceId } of members) {
      this.groups.set(this.group(member), groupOf(this.group(member), instanceId));
      if (instanceId !== null) this.launch(member, instanceId);
      if (volumeId !== null) this.volumes.set(volumeId, { state: "in-use", attachedTo: instanceId });
      if (interfaceId !== null) this.interfaces.set(interfaceId, instanceId);
    }
  }

  group(member: string): string {
    return masterGroupName(ownerOf(this.#cluster), member);
  }

  /** An instance of the member's that runs; it is in its group. */
  launch(member: string, instanceId: string, state = "running"): void {
    const tags = ownerTags(ownerOf(this.#cluster), `master-${member}`);
    const zone = this.#cluster.plan.members.find(({ name }) => name === member)?.zone ?? "";
    this.instances.set(instanceId, { instanceId, state, zone, launchedAt: 0, tags });
    this.changeGroup(member, { instances: [inService(instanceId)] });
  }

  changeGroup(member: string, change: Partial<GroupFacts>): void {
    const name = this.group(member);
    this.groups.set(name, { ...(this.groups.get(name) ?? groupOf(name, null)), ...change });
  }

  /** The instance has ended, and let go of what it had; its group does not know, unless it says so. */
  end(instanceId: string, state = "terminated"): void {
    const instance = this.instances.get(instanceId);
    if (instance) this.instances.set(instanceId, { ...instance, state });
    for (const [id, holder] of this.interfaces) if (holder === instanceId) this.interfaces.set(id, null);
    for (const [id, { attachedTo }] of this.volumes)
      if (attachedTo === instanceId) this.volumes.set(id, { state: "available", attachedTo: null });
  }

  /** Calls of AWS, as functions/aws has them. */
  readonly calls = {
    findInstances: async (ids: readonly string[]) => ids.flatMap((id) => this.instances.get(id) ?? []),
    findGroups: async (names: readonly string[]) =>
      new Map(
        names.flatMap((name) => {
          const found = this.groups.get(name);
          return found ? [[name, found] as const] : [];
        }),
      ),
    listGroupInstances: async (names: readonly string[]): Promise<Map<string, readonly GroupInstance[]>> =>
      new Map([...(await this.calls.findGroups(names))].map(([name, { instances }]) => [name, instances])),
    setSizeToOne: async (name: string) => this.#changeByName(name, { minSize: 1, maxSize: 1, desired: 1 }),
    suspendLaunch: async (name: string) =>
      this.#changeByName(name, { suspended: [{ process: "Launch", reason: "User suspended at 2026" }] }),
    resumeProcesses: async (name: string, processes: readonly string[]) => {
      const { suspended = [] } = this.groups.get(name) ?? {};
      this.#changeByName(name, { suspended: suspended.filter(({ process }) => !processes.includes(process)) });
    },
    listTerminateHooks: async () => [],
    completeHook: async () => false,
    abandonLaunch: async (_: string, { id }: { readonly id: string }) => {
      this.#endByGroup(id);
      return true;
    },
    replaceInstance: async ({ id }: { readonly id: string }) => this.#endByGroup(id),
    terminateInstance: async ({ id }: { readonly id: string }) => this.end(id),
    findInterfaces: async (ids: readonly string[]) =>
      ids
        .filter((id) => this.interfaces.has(id))
        .map((id) => ({ id, groups: [], instanceId: this.interfaces.get(id) ?? null, addressId: null, tags: {} })),
    volumeStates: async (ids: readonly string[]) =>
      new Map(
        ids.flatMap((id) => {
          const found = this.volumes.get(id);
          return found ? [[id, found] as const] : [];
        }),
      ),
    hasVolume: async (instanceId: string, id: string) => this.volumes.get(id)?.attachedTo === instanceId,
    findParameter: async (name: string) => this.parameters.get(name),
    putText: async (_: unknown, __: string, name: string, value: string) => void this.parameters.set(name, value),
    putSecret: async (_: unknown, __: string, name: string, value: string) => void this.parameters.set(name, value),
    replaceText: async (name: string, value: string) => void this.parameters.set(name, value),
    ensureSecret: async (_: unknown, __: string, name: string, make: () => Promise<string>) => {
      const kept = this.parameters.get(name) ?? (await make());
      this.parameters.set(name, kept);
      return kept;
    },
    sendCommand: async (document: string, instanceId: string, parameters: Record<string, string[]> = {}) => {
      if (!this.instances.has(instanceId)) throw new NotReadyYet(`the agent of ${instanceId} is not online yet`);
      return `command-${this.commands.push({ document, instanceId, parameters })}`;
    },
    findAnswer: async (id: string, instanceId: string) => {
      const command = this.commands[Number(id.slice("command-".length)) - 1];
      const said = command && this.host(command);
      return said && { instanceId, status: said.ok ? "Success" : "Failed", ...said };
    },
    askHosts: async (document: string, instanceIds: readonly string[]) =>
      instanceIds.flatMap((instanceId) => {
        const said =
          this.instances.get(instanceId)?.state === "running"
            ? this.host({ document, instanceId, parameters: {} })
            : undefined;
        return said ? [{ instanceId, status: said.ok ? "Success" : "Failed", ...said }] : [];
      }),
  };

  #endByGroup(id: string): void {
    this.end(id);
    for (const [name, { instances }] of this.groups)
      this.#changeByName(name, { instances: instances.filter(({ instanceId }) => instanceId !== id) });
  }

  #changeByName(name: string, change: Partial<GroupFacts>): void {
    const group = this.groups.get(name);
    if (group) this.groups.set(name, { ...group, ...change });
  }
}

function inService(instanceId: string): GroupInstance {
  return { instanceId, lifecycleState: "InService", healthy: true };
}

function groupOf(name: string, instanceId: string | null): GroupFacts {
  return {
    name,
    uid: "",
    launchTemplateId: `lt-${name}`,
    minSize: 1,
    maxSize: 1,
    desired: 1,
    suspended: [],
    instances: instanceId === null ? [] : [inService(instanceId)],
  };
}
