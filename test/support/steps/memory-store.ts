import { type BackupRecord, NO_BACKUPS } from "../../../functions/domain/backup/backup-records.ts";
import {
  BackupUnknown,
  ClusterBusy,
  ClusterUnknown,
  LeaseLost,
  NotReadyYet,
  OperationUnknown,
} from "../../../functions/domain/cluster/errors.ts";
import {
  type ClusterRecord,
  LEASE_MS,
  type MemberRecord,
  type OperationRecord,
} from "../../../functions/domain/cluster/records.ts";
import type { ClusterChange } from "../../../functions/store/clusters.ts";
import type { Store } from "../../../functions/store/store.ts";
import { MemoryFacts } from "./memory-facts.ts";
import { memberRecord, operationRecord } from "./records.ts";

/** What the table holds, in maps, under the same conditions as the real one (functions/store). */
export class MemoryStore extends MemoryFacts implements Store {
  readonly clusters = new Map<string, ClusterRecord>();
  readonly members = new Map<string, Map<string, MemberRecord>>();
  readonly operations = new Map<string, OperationRecord>();
  readonly sideLeases = new Map<string, string>();

  constructor(
    cluster: ClusterRecord,
    members: readonly MemberRecord[] = [],
    operations: readonly OperationRecord[] = [],
  ) {
    super();
    this.clusters.set(cluster.name, cluster);
    this.members.set(cluster.name, new Map(members.map((each) => [each.member, each])));
    for (const each of operations) this.operations.set(each.id, each);
  }

  // The functions of the store are handed out one by one, so none may need `this`.
  readonly findCluster = async (name: string) => this.clusters.get(name);
  readonly getCluster = async (name: string) => {
    const found = this.clusters.get(name);
    if (!found) throw new ClusterUnknown(`there is no cluster ${name}`);
    return found;
  };
  readonly updateCluster: Store["updateCluster"] = async (name, operation, change, now) => {
    const cluster = await this.getCluster(name);
    if (cluster.operation !== operation) throw new LeaseLost(`operation ${operation} no longer holds ${name}`);
    this.#change(name, { ...change, updatedAt: now.toISOString() });
  };
  readonly recordObservation: Store["recordObservation"] = async (name, change, now) =>
    this.#change(name, { ...change, updatedAt: now.toISOString() });
  readonly markDegraded: Store["markDegraded"] = async (name, reason, now) => {
    if ((await this.getCluster(name)).operation !== null) return false;
    this.#change(name, { status: "DEGRADED", reason, updatedAt: now.toISOString() });
    return true;
  };
  readonly recordDrift: Store["recordDrift"] = async (name, before, drift) => {
    if (((await this.getCluster(name)).drift?.version ?? 0) !== before) return false;
    this.#change(name, { drift });
    return true;
  };
  readonly recordClusterId: Store["recordClusterId"] = async (name, etcdClusterId) => {
    if ((await this.getCluster(name)).etcdClusterId === undefined) this.#change(name, { etcdClusterId });
  };
  readonly recordQuorumLoss: Store["recordQuorumLoss"] = async ({ name, uid }, quorumLoss) => {
    if ((await this.getCluster(name)).uid === uid) this.#change(name, { quorumLoss });
  };
  readonly requestRestoration: Store["requestRestoration"] = async (request, now) => {
    const { operation: id, restoration, reason, onlyIfFree } = request;
    const { name, operation: holder } = await this.getCluster(request.cluster.name);
    if (onlyIfFree && holder !== null) throw new ClusterBusy(`${name} is held by operation ${holder}`, holder);
    if (holder !== null) this.#supersede(holder, id, now);
    this.#change(name, { operation: id, status: "REPAIRING", reason, restoration, updatedAt: now.toISOString() });
    const started = operationRecord("restore", { id, cluster: name, startedAt: now.toISOString() });
    this.operations.set(id, started);
    return started;
  };
  readonly changePolicy: Store["changePolicy"] = async ({ cluster, operation, spec, claim }, now) => {
    if ((await this.getCluster(cluster)).operation !== operation)
      throw new ClusterBusy(`${cluster} was let go`, operation);
    this.#change(cluster, { spec, updatedAt: now.toISOString() });
    if (claim) this.claims.set(claim.key, operation);
  };
  readonly recordSpec: Store["recordSpec"] = async ({ cluster, former, spec }, now) => {
    if (JSON.stringify((await this.getCluster(cluster)).spec) !== JSON.stringify(former))
      throw new NotReadyYet(`the spec of ${cluster} was changed at the same moment`);
    this.#change(cluster, { spec, updatedAt: now.toISOString() });
  };

  readonly listMembers: Store["listMembers"] = async (name) =>
    [...(this.members.get(name)?.values() ?? [])].toSorted((a, b) => a.member.localeCompare(b.member));
  readonly updateMember: Store["updateMember"] = async (name, member, change) => {
    const blank = memberRecord(member, {
      volumeId: null,
      interfaceId: null,
      instanceId: null,
      health: "pending",
      observedAt: null,
    });
    const members = this.members.get(name) ?? new Map<string, MemberRecord>();
    const changed = { ...(members.get(member) ?? blank), ...change };
    this.members.set(name, members.set(member, changed));
    return changed;
  };
  readonly forgetMember: Store["forgetMember"] = async (name, member) => {
    this.members.get(name)?.delete(member);
  };
  readonly forgetCluster: Store["forgetCluster"] = async ({ name }, operation, now) => {
    const { network: _, endpoint: __, ...rest } = await this.getCluster(name);
    if (rest.operation !== operation) throw new LeaseLost(`operation ${operation} no longer holds ${name}`);
    this.clusters.set(name, { ...rest, nodes: [], leader: null });
    this.members.delete(name);
    for (const [id, { cluster }] of this.instances) if (cluster === name) this.instances.delete(id);
    await this.endSideOperations(name, operation, now);
    for (const kind of ["backup", "drill"]) this.sideLeases.delete(`${name} ${kind}`);
  };
  readonly takerOfUid = async (uid: string) =>
    [...this.clusters.values()].find(({ takenFrom, status }) => takenFrom?.uid === uid && status !== "DELETED")?.name;
  readonly namesOfUid = async (uid: string) =>
    [...this.clusters.values()].filter((each) => each.uid === uid).map(({ name }) => name);

  readonly getOperation = async (id: string) => {
    const found = this.operations.get(id);
    if (!found) throw new OperationUnknown(`there is no operation ${id}`);
    return found;
  };
  readonly listOperations: Store["listOperations"] = async (cluster, limit) =>
    [...this.operations.values()]
      .filter((each) => each.cluster === cluster)
      .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
      .slice(0, limit);
  readonly refuseWhileHeld: Store["refuseWhileHeld"] = async (cluster, holder, now) => {
    const { leaseUntil, status } = await this.getOperation(holder);
    if (status === "RUNNING" && leaseUntil > now.getTime())
      throw new ClusterBusy(`${cluster} is held by operation ${holder}`, holder);
  };
  readonly takeCluster: Store["takeCluster"] = async (request, now) => {
    const { cluster: name, operation: id, kind, status, reason, loss, change, migration } = request;
    const cluster = await this.getCluster(name);
    if (cluster.operation === id) return cluster;
    if (cluster.operation !== null && cluster.operation !== request.ended)
      await this.refuseWhileHeld(name, cluster.operation, now);
    if (change && JSON.stringify(change.former) !== JSON.stringify(cluster.spec))
      throw new ClusterBusy(`${name} was taken by another operation at the same moment`, "unknown");
    if (request.claim) this.claims.set(request.claim.key, id);
    if (cluster.operation !== null) this.#supersede(cluster.operation, id, now);
    const asked = {
      ...(change ? { spec: change.spec, plan: change.plan, pending: change.pending } : {}),
      ...(migration ? { migration } : {}),
    };
    this.#change(name, { operation: id, status, reason, updatedAt: now.toISOString(), ...asked });
    const lease = { status: "RUNNING" as const, leaseUntil: now.getTime() + LEASE_MS, steps: {}, error: null };
    const operation = { id, cluster: name, kind, startedAt: now.toISOString(), finishedAt: null, ...lease };
    this.operations.set(id, loss ? { ...operation, loss } : operation);
    return { ...cluster, operation: id, status, reason };
  };
  readonly finishOperation: Store["finishOperation"] = async ({ id, cluster: name }, outcome, now) => {
    const operation = await this.getOperation(id);
    if (operation.status !== "RUNNING") return;
    const { status, error } = outcome;
    this.operations.set(id, { ...operation, status, error, finishedAt: now.toISOString() });
    const { clusterStatus, reason, fulfilled } = outcome;
    const done = fulfilled ? { pending: null } : {};
    this.#change(name, { operation: null, status: clusterStatus, reason, updatedAt: now.toISOString(), ...done });
  };

  readonly beginSideOperation: Store["beginSideOperation"] = async (request, now) => {
    const { cluster, operation: id, kind } = request;
    const known = this.operations.get(id);
    if (known) return known;
    const former = this.operations.get(this.sideLeases.get(`${cluster} ${kind}`) ?? "");
    if (former?.status === "RUNNING") {
      if (former.leaseUntil > now.getTime())
        throw new ClusterBusy(`a ${kind} of ${cluster} runs already: ${former.id}`, former.id);
      this.#supersede(former.id, id, now);
    }
    this.sideLeases.set(`${cluster} ${kind}`, id);
    const lease = { status: "RUNNING" as const, leaseUntil: now.getTime() + LEASE_MS, steps: {}, error: null };
    const parent = request.parent === undefined ? {} : { parent: request.parent };
    const started = { id, cluster, kind, startedAt: now.toISOString(), finishedAt: null, ...lease, ...parent };
    this.operations.set(id, started);
    if (request.claim) this.claims.set(request.claim.key, id);
    return started;
  };
  readonly renewLease: Store["renewLease"] = async (id, now) => {
    const operation = this.operations.get(id);
    if (operation?.status !== "RUNNING") return;
    this.operations.set(id, { ...operation, leaseUntil: now.getTime() + LEASE_MS });
  };
  readonly endSideOperation: Store["endSideOperation"] = async (id, { status, error }, now) => {
    const operation = this.operations.get(id);
    if (operation?.status !== "RUNNING") return false;
    this.operations.set(id, { ...operation, status, error, finishedAt: now.toISOString() });
    return true;
  };
  readonly endSideOperations: Store["endSideOperations"] = async (cluster, by, now) => {
    const message = `the cluster was deleted by ${by}`;
    const error = { name: "LeaseLost", message, remedy: `Look at operation ${by}.` };
    const holders = ["backup", "drill"].flatMap((kind) => this.sideLeases.get(`${cluster} ${kind}`) ?? []);
    for (const holder of holders) await this.endSideOperation(holder, { status: "FAILED", error }, now);
    return holders;
  };

  readonly recordBackup: Store["recordBackup"] = async (manifest, facts) => {
    const key = `${manifest.cluster} ${manifest.id}`;
    if (this.backups.has(key)) return;
    this.backups.set(key, { manifest, pinned: false });
    await this.recordBackupFacts(manifest.cluster, facts);
  };
  readonly recordBackupFacts: Store["recordBackupFacts"] = async (name, facts) => {
    const { backup = NO_BACKUPS } = await this.getCluster(name);
    this.#change(name, { backup: { ...backup, ...facts } });
  };
  readonly pinBackup: Store["pinBackup"] = (cluster, id, pinned) =>
    this.#changeBackup(cluster, id, (record) => ({ ...record, pinned }));
  readonly recordDrill: Store["recordDrill"] = (cluster, id, drill) =>
    this.#changeBackup(cluster, id, (record) => {
      const { manifest } = record;
      return { ...record, manifest: { ...manifest, verified: { ...manifest.verified, drill } } };
    });
  async #changeBackup(cluster: string, id: string, change: (record: BackupRecord) => BackupRecord) {
    const record = await this.getBackup(cluster, id);
    if (record.removing) throw new BackupUnknown(`${cluster} has no backup ${id}`);
    const changed = change(record);
    this.backups.set(`${cluster} ${id}`, changed);
    return changed;
  }

  #supersede(id: string, by: string, now: Date): void {
    const former = this.operations.get(id);
    if (!former) return;
    const message = `stopped answering; superseded by ${by}`;
    const error = { name: "LeaseLost", message, remedy: `Look at operation ${by}.` };
    this.operations.set(id, { ...former, status: "FAILED", error, finishedAt: now.toISOString() });
  }

  #change(name: string, change: ClusterChange & Partial<Pick<ClusterRecord, "updatedAt">>): void {
    const cluster = this.clusters.get(name);
    if (!cluster) throw new ClusterUnknown(`there is no cluster ${name}`);
    const defined = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    this.clusters.set(name, { ...cluster, ...defined });
  }

  member(member: string): MemberRecord | undefined {
    return [...this.members.values()][0]?.get(member);
  }
}
