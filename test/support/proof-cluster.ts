import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { type ClusterView, type OperationView, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { type EtcdEndpoints, etcdEndpoints } from "./consistency/endpoints.ts";
import { startLedger } from "./consistency/ledger.ts";
import { untilWhole } from "./consistency/nemesis.ts";
import { CREATE } from "./create.ts";
import { findFunction } from "./find-function.ts";
import { watchInvariants } from "./invariants/watcher.ts";
import { type Scenario, startScenario } from "./scenario.ts";

/** What looks on during one test, and what it must find in the end. */
export interface Witness extends AsyncDisposable {
  /** etcd's own id of each member, as it says now; null for one that does not answer. */
  memberIds(): Record<string, string | null>;
  /** Name of the member that leads. */
  leader(): string;
  /** The longest time without an acknowledged write since then. */
  maxGapSince(epochMs: number): number;
  readonly acknowledged: number;
  /** Waits for a cluster that is whole by the API and by etcd, without any of the lost instances. */
  whole(lost?: readonly string[]): Promise<ClusterView>;
  /** Ends the writes and the watching; resolves with every violation of an invariant. */
  violations(): Promise<unknown[]>;
}

/** A cluster of three masters on a local cloud of its own, with all that a proof needs. */
export interface ProofCluster extends AsyncDisposable {
  readonly name: string;
  readonly scenario: Scenario;
  readonly endpoints: EtcdEndpoints;
  /** A writer and a watcher; waits until the cluster is whole. */
  witness(): Promise<Witness>;
  fault(request: object): Promise<string>;
  clearFaults(): Promise<void>;
  /** Runs a function of the product by a part of its name, now. */
  invoke(functionName: string, payload: object): Promise<InvokeCommandOutput>;
  /** What the schedule does every minute, now. */
  reconcile(): Promise<void>;
  /** Repairs, newest first. */
  repairs(): Promise<OperationView[]>;
}

export async function openProofCluster(name: string): Promise<ProofCluster> {
  await using onFailure = new AsyncDisposableStack();
  const scenario = onFailure.use(await startScenario());
  const created = await scenario.holdfast(...CREATE, name, "--yes", "--wait");
  if (created.code !== 0) throw new Error(`${name} was not created: ${created.stderr}`);
  const endpoints = await etcdEndpoints(scenario, await scenario.cluster(name));
  const { aws, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const lambda = new LambdaClient({ endpoint: aws, region, credentials, maxAttempts: 1 });
  const invoke = async (part: string, payload: object) => {
    const FunctionName = await findFunction(lambda, part);
    return lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));
  };
  onFailure.move();
  return {
    name,
    scenario,
    endpoints,
    witness: () => witness(scenario, name, endpoints),
    fault: async (request) => (await scenario.cloud.faults.begin(request)).id,
    clearFaults: async () => void (await scenario.cloud.faults.end()),
    invoke,
    reconcile: async () => {
      const { FunctionError } = await invoke("reconcile", {});
      if (FunctionError !== undefined) throw new Error(`the reconciler failed: ${FunctionError}`);
    },
    repairs: async () =>
      (await scenario.api.list(`/clusters/${name}/operations`, OperationViewSchema)).filter(
        ({ kind }) => kind === "repair",
      ),
    [Symbol.asyncDispose]: () => scenario[Symbol.asyncDispose](),
  };
}

async function witness(scenario: Scenario, cluster: string, endpoints: EtcdEndpoints): Promise<Witness> {
  await using onFailure = new AsyncDisposableStack();
  const watcher = onFailure.use(watchInvariants(scenario, cluster, endpoints));
  const ledger = onFailure.use(startLedger(endpoints, watcher.acknowledged));
  const whole = (lost: readonly string[] = []) => untilWhole({ scenario, cluster, watcher }, lost);
  await whole();
  const resources = onFailure.move();
  const members = () => watcher.latest()?.members ?? [];
  return {
    memberIds: () => Object.fromEntries(members().map(({ member, memberId }) => [member, memberId])),
    leader: () => members().find(({ memberId, leaderId }) => memberId !== null && memberId === leaderId)?.member ?? "a",
    maxGapSince: ledger.maxGapSince,
    get acknowledged() {
      return ledger.acknowledged;
    },
    whole,
    violations: async () => {
      await ledger.stop();
      await watcher.finish();
      return watcher.violations();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What no repair may change: each member's volume and address. */
export function identitiesOf({ members }: ClusterView): unknown[] {
  return members.map(({ name, volumeId, address }) => ({ name, volumeId, address }));
}
