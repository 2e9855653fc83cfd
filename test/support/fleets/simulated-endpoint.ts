import type { ClusterView, OperationView } from "../../../functions/domain/api/views.ts";
import { specFromPatch } from "../../../functions/domain/spec/parse-spec.ts";
import { isRecordOnly } from "../../../functions/domain/spec/spec-change.ts";
import type { Clock } from "../../../functions/runtime/clock.ts";
import type { ClusterEndpoint, UpdateAnswer } from "../../../functions/usecases/fleet/cluster-endpoint.ts";
import { clusterView, operationView } from "../views.ts";

/** What becomes of a change: how long it takes, and how it ends. */
export interface Fate {
  readonly minutes: number;
  readonly end: "SUCCEEDED" | "FAILED" | "LeaseLost" | "refused";
  /** Minutes for which the cluster is DEGRADED afterwards. */
  readonly degraded?: number;
}

const SMOOTH: Fate = { minutes: 2, end: "SUCCEEDED" };
const MINUTE_MS = 60_000;

interface Running {
  readonly operation: OperationView;
  readonly endsAt: number;
  readonly fate: Fate;
}

/** Clusters that are records only, and change as their fate says. */
export class SimulatedEndpoint implements ClusterEndpoint {
  readonly clusters = new Map<string, ClusterView>();
  readonly operations = new Map<string, OperationView>();
  /** Names of clusters that were changed, in order. */
  readonly changed: string[] = [];
  readonly #claims = new Map<string, UpdateAnswer>();
  readonly #running = new Map<string, Running>();
  readonly #healsAt = new Map<string, number>();
  readonly #clock: Clock;
  readonly #fateOf: (cluster: string, attempt: number) => Fate;

  constructor(
    clock: Clock,
    labels: Readonly<Record<string, Readonly<Record<string, string>>>>,
    fateOf: (cluster: string, attempt: number) => Fate = () => SMOOTH,
  ) {
    this.#clock = clock;
    this.#fateOf = fateOf;
    for (const [name, own] of Object.entries(labels)) {
      const view = clusterView({ name });
      this.clusters.set(name, { ...view, spec: { ...view.spec, name, labels: own } });
    }
  }

  /** What has ended or healed by now is. */
  settle(): void {
    const now = this.#clock.now();
    for (const [name, { operation, endsAt, fate }] of this.#running) {
      if (endsAt > now.getTime()) continue;
      this.#running.delete(name);
      const status = fate.end === "SUCCEEDED" ? ("SUCCEEDED" as const) : ("FAILED" as const);
      const error = status === "FAILED" ? { name: fate.end, message: "it did not work", remedy: "" } : null;
      this.operations.set(operation.id, { ...operation, status, error, finishedAt: now.toISOString() });
      const degraded = fate.degraded ?? 0;
      if (degraded > 0) this.#healsAt.set(name, now.getTime() + degraded * MINUTE_MS);
      this.set(name, { status: degraded > 0 ? "DEGRADED" : "ACTIVE", operation: null });
    }
    for (const [name, at] of this.#healsAt)
      if (at <= now.getTime()) {
        this.#healsAt.delete(name);
        this.set(name, { status: "ACTIVE" });
      }
  }

  set(name: string, change: Partial<ClusterView>): void {
    this.clusters.set(name, { ...clusterView({ name }), ...this.clusters.get(name), ...change });
  }

  /** All its masters are in this zone. */
  moveTo(name: string, zone: string): void {
    const { members = [] } = this.clusters.get(name) ?? {};
    this.set(name, { members: members.map((member) => ({ ...member, zone })) });
  }

  /** Its masters are unhealthy, and its status is still as before. */
  loseMasters(name: string): void {
    const { members = [] } = this.clusters.get(name) ?? {};
    this.set(name, { members: members.map((member) => ({ ...member, health: "unhealthy" as const })) });
  }

  readonly list = async () => [...this.clusters.values()];
  readonly get = async (name: string) => this.clusters.get(name);
  readonly operation = async (id: string) => this.operations.get(id);
  readonly update: ClusterEndpoint["update"] = async (name, patch, { key }) => {
    const answer = this.#claims.get(key) ?? this.#change(name, patch, key);
    if (answer.kind === "started" || answer.kind === "unchanged") this.#claims.set(key, answer);
    return answer;
  };

  #change(name: string, patch: Readonly<Record<string, unknown>>, key: string): UpdateAnswer {
    const view = this.clusters.get(name);
    if (!view) return { kind: "refused", reason: `there is no cluster ${name}` };
    const fate = this.#fateOf(name, Number(key.split("/").at(-1)));
    if (fate.end === "refused") return { kind: "refused", reason: "it is refused" };
    if (view.operation !== null) return { kind: "busy", reason: `operation ${view.operation} holds it` };
    const parsed = specFromPatch(view.spec, { document: patch });
    if (!parsed.ok) return { kind: "refused", reason: "no spec" };
    this.changed.push(name);
    if (isRecordOnly(Object.keys(patch))) {
      this.set(name, { spec: parsed.spec });
      return { kind: "unchanged" };
    }
    const operation = operationView({ id: `update-${key}`, cluster: name, kind: "update" });
    this.operations.set(operation.id, operation);
    this.#running.set(name, { operation, endsAt: this.#clock.now().getTime() + fate.minutes * MINUTE_MS, fate });
    this.set(name, { status: "UPDATING", operation: operation.id, spec: parsed.spec });
    return { kind: "started", operation: operation.id };
  }
}
