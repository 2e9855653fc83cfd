import type { ClusterRecord } from "../../functions/domain/cluster/records.ts";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";

/** The record of a cluster in one zone that these further flags shape, at rest since that time. */
export function activeCluster(flags: Readonly<Record<string, string>>, at: string): ClusterRecord {
  const all = { "--name": "x.example.com", "--zones": "us-west-2a", ...flags };
  const parsed = specFromFlags(Object.entries(all).map(([flag, value]) => ({ flag, value })));
  if (!parsed.ok) throw new Error("the spec of this test is wrong");
  return {
    name: "x.example.com",
    uid: "u1",
    status: "ACTIVE",
    reason: null,
    spec: parsed.spec,
    plan: planCluster(parsed.spec).plan,
    operation: null,
    leader: "a",
    nodes: [],
    createdAt: at,
    updatedAt: at,
  };
}
