import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CLUSTERS_INDEX } from "../functions/gateways/table/keys.ts";

/** What a function does with the table. A transaction needs the right to each of its parts; `QueryIndex` reads the index. */
type TableAction = "GetItem" | "BatchGetItem" | "Query" | "QueryIndex" | "PutItem" | "UpdateItem" | "BatchWriteItem";

/**
 * Every function that works on clusters' records, by its file name, with what its gateways call and nothing else. Those of
 * chats are in chat-functions.ts.
 */
const TABLE_ACTIONS: Readonly<Record<string, readonly TableAction[]>> = {
  "add-nodes": ["GetItem", "UpdateItem"],
  "assess-cluster": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "attach-volume": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "await-instance": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "await-member": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "begin-repair": ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"],
  "begin-update": ["GetItem", "BatchGetItem", "Query", "UpdateItem"],
  "complete-launch": ["GetItem", "UpdateItem"],
  "complete-operation": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "create-cluster": ["GetItem", "PutItem", "UpdateItem"],
  "create-egress": ["GetItem", "UpdateItem"],
  "create-endpoint": ["GetItem", "UpdateItem"],
  "create-identity": ["GetItem", "UpdateItem"],
  "create-network": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "create-plan": ["GetItem"],
  "delete-cluster": ["GetItem", "QueryIndex", "PutItem", "UpdateItem"],
  "delete-compute": ["GetItem", "UpdateItem"],
  "delete-egress": ["GetItem", "UpdateItem"],
  "delete-endpoint": ["GetItem", "UpdateItem"],
  "delete-identity": ["GetItem", "UpdateItem"],
  "delete-network": ["GetItem", "Query", "UpdateItem"],
  "delete-records": ["GetItem", "Query", "QueryIndex", "UpdateItem", "BatchWriteItem"],
  "delete-storage": ["GetItem", "Query", "UpdateItem"],
  "delete-workloads": ["GetItem", "UpdateItem"],
  "discard-remains": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "execution-ended": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "finish-control-plane": ["Query", "UpdateItem"],
  "get-cluster": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "get-operation": ["GetItem"],
  "install-add-ons": ["GetItem", "Query", "UpdateItem"],
  "issue-kubeconfig": ["GetItem", "PutItem"],
  "issue-pki": ["GetItem", "UpdateItem"],
  "list-clusters": ["Query", "QueryIndex"],
  "list-events": ["GetItem", "Query"],
  "list-operations": ["GetItem", "BatchGetItem", "Query"],
  "list-resources": ["GetItem", "Query", "QueryIndex"],
  "master-lost": ["GetItem", "Query", "QueryIndex", "PutItem", "UpdateItem"],
  "move-member": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "prepare-member": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "promote-member": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "record-failure": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "renew-member": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "settle-nodes": ["GetItem", "Query", "UpdateItem"],
  "snapshot-member": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "stop-master": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "stop-operations": ["GetItem", "BatchGetItem", "Query", "UpdateItem"],
  sweep: ["GetItem", "BatchGetItem", "Query", "QueryIndex", "PutItem", "UpdateItem"],
  "update-cluster": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "validate-account": ["GetItem", "BatchGetItem", "Query", "UpdateItem"],
  "verify-api": ["Query", "UpdateItem"],
  "verify-nodes": ["GetItem", "Query", "UpdateItem"],
  "verify-quorum": ["GetItem", "Query", "PutItem", "UpdateItem"],
  "verify-removal": ["GetItem", "Query", "UpdateItem"],
};

/** What each of them touches: records, events and pointers of clusters, and operations. */
const COMMON = ["CLUSTER#*", "OPERATION#*"];

/** Partitions that a function touches beside {@link COMMON}. Nobody touches `AUDIT#*`, where earlier versions kept the audit. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  "await-instance": ["INSTANCE#*"],
  "create-cluster": ["IDEMPOTENCY#*", "REQUESTS#*"],
  "delete-cluster": ["IDEMPOTENCY#*", "REQUESTS#*"],
  "delete-records": ["INSTANCE#*"],
  "get-cluster": ["REQUESTS#*"],
  "master-lost": ["INSTANCE#*"],
  sweep: ["SWEEP"],
  "update-cluster": ["IDEMPOTENCY#*", "REQUESTS#*"],
};

/** Kinds of the index that a function lists. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "delete-cluster": ["CLUSTER"],
  "delete-records": ["INSTANCE"],
  "list-clusters": ["CLUSTER"],
  "list-resources": ["CLUSTER"],
  "master-lost": ["MEMBER"],
  sweep: ["CLUSTER", "MEMBER"],
};

/** Gives a function its rights to the table. Throws for one that {@link TABLE_ACTIONS} does not name. */
export const grantTable = (table: TableV2, to: IGrantable, name: string): void => {
  const actions = TABLE_ACTIONS[name];
  if (!actions) throw new Error(`infra/table-rights.ts says nothing about ${name}`);
  const whole = actions.filter((action) => action !== "QueryIndex").map((action) => `dynamodb:${action}`);
  const add = (wanted: string[], resource: string, partitions: readonly string[]): void => {
    if (wanted.length === 0) return;
    const conditions = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions } };
    to.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: wanted, resources: [resource], conditions }));
  };
  add(whole, table.tableArn, [...COMMON, ...(MORE[name] ?? [])]);
  const index = `${table.tableArn}/index/${CLUSTERS_INDEX}`;
  const kinds = KINDS[name];
  if (actions.includes("QueryIndex") !== (kinds !== undefined))
    throw new Error(`infra/table-rights.ts says nothing about what ${name} lists`);
  add(kinds ? ["dynamodb:Query"] : [], index, kinds ?? []);
};
