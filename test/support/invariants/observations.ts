import type { CallRecord } from "../../../local/wire/server.ts";

/** What a member's own etcd answered: a linearizable read for `healthy`, then its status. Times in epoch milliseconds. */
export interface MemberSample {
  readonly member: string;
  readonly healthy: boolean;
  readonly memberId: string | null;
  readonly leaderId: string | null;
  readonly term: string | null;
}

/** All members asked at once. */
export interface EtcdSample {
  readonly from: number;
  readonly to: number;
  readonly members: readonly MemberSample[];
}

/** A linearizable read's revision, and when it was asked and answered. */
export interface RevisionSample {
  readonly from: number;
  readonly to: number;
  readonly revision: bigint;
}

/** Masters and their volumes as EC2 shows them. */
export interface CloudSample {
  readonly at: number;
  readonly masters: readonly { readonly instanceId: string; readonly member: string; readonly state: string }[];
  readonly volumes: readonly { readonly volumeId: string; readonly attachedTo: readonly string[] }[];
}

/** What the API said of the cluster. */
export interface ApiSample {
  readonly from: number;
  readonly to: number;
  readonly status: string;
}

export interface OperationSpan {
  readonly id: string;
  readonly kind: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Members on which it worked. */
  readonly members: readonly string[];
}

/** A tag `holdfast:resource` of one cluster. */
export interface NamedResource {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** Everything that was seen of one cluster. */
export interface Seen {
  readonly size: number;
  readonly etcd: readonly EtcdSample[];
  readonly revisions: readonly RevisionSample[];
  readonly cloud: readonly CloudSample[];
  readonly api: readonly ApiSample[];
  readonly calls: readonly CallRecord[];
  readonly operations: readonly OperationSpan[];
  readonly resources: readonly NamedResource[];
  /** Writes that were acknowledged, and what is there in the end. */
  readonly acknowledged: ReadonlyMap<string, string>;
  readonly found: ReadonlyMap<string, string>;
}

/** The letters are those of the fault model: quorum, single identity, data, leaks, truth, audit, budget. */
export interface Violation {
  readonly invariant: "Q" | "S" | "D" | "L" | "T" | "A" | "B";
  readonly at: number;
  readonly what: string;
}

export function majorityOf(size: number): number {
  return Math.floor(size / 2) + 1;
}

/** Every member answers, and all name one leader at one term. */
export function isWhole({ members }: EtcdSample, size: number): boolean {
  return (
    members.length === size &&
    members.every(
      ({ healthy, leaderId, term }) =>
        healthy &&
        leaderId !== null &&
        leaderId !== "0" &&
        leaderId === members[0]?.leaderId &&
        term === members[0]?.term,
    )
  );
}
