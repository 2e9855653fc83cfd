import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { clientSettings } from "../aws/common/aws-client.ts";

/** The one table (docs/architecture.md has its map) and the client that speaks to it. */
export interface Table {
  readonly name: string;
  readonly client: DynamoDBDocumentClient;
}

/** `name` may be known later: it is asked for by each call. */
export function openTable(name: string | (() => string)): Table {
  return {
    get name() {
      return typeof name === "string" ? name : name();
    },
    client: DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  };
}

/** Every key shape there is. `pk` groups what is read together; `META` is the thing itself. */
export const keys = {
  cluster: (name: string) => ({ pk: `CLUSTER#${name}`, sk: "META" }),
  member: (name: string, member: string) => ({ pk: `CLUSTER#${name}`, sk: `MEMBER#${member}` }),
  /** A backup, by an id that sorts by time. */
  backup: (name: string, id: string) => ({ pk: `CLUSTER#${name}`, sk: `BACKUP#${id}` }),
  /** Which backup or drill is under way: it does not take the cluster. */
  sideLease: (name: string, kind: "BACKUP" | "DRILL") => ({ pk: `CLUSTER#${name}`, sk: `${kind}-LEASE` }),
  event: (name: string, id: string) => ({ pk: `CLUSTER#${name}`, sk: `EVENT#${id}` }),
  clusterOperation: (name: string, startedAt: string, id: string) => ({
    pk: `CLUSTER#${name}`,
    sk: `OPERATION#${startedAt}#${id}`,
  }),
  operation: (id: string) => ({ pk: `OPERATION#${id}`, sk: "META" }),
  fleet: (name: string) => ({ pk: `FLEET#${name}`, sk: "META" }),
  /** Its public name. */
  traffic: (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: "TRAFFIC" }),
  rollout: (id: string) => ({ pk: `ROLLOUT#${id}`, sk: "META" }),
  /** Which roll-outs are open, and their clusters: no two of them have one in common. */
  openRollouts: () => ({ pk: "ROLLOUT#OPEN", sk: "META" }),
  /** Another Holdfast, of which this one is the hub. */
  endpoint: (name: string) => ({ pk: `ENDPOINT#${name}`, sk: "META" }),
  /** The last that was seen of one of its clusters. */
  mirror: (endpoint: string, cluster: string) => ({ pk: `FLEETCLUSTER#${endpoint}#${cluster}`, sk: "META" }),
  instance: (id: string) => ({ pk: `INSTANCE#${id}`, sk: "META" }),
  nodeKey: (uid: string, instanceId: string) => ({ pk: `NODEKEY#${uid}#${instanceId}`, sk: "META" }),
  /** Which cluster has taken over the data of the cluster with this uid. */
  taken: (uid: string) => ({ pk: `TAKEN#${uid}`, sk: "META" }),
  orphans: () => ({ pk: "SWEEP", sk: "ORPHANS" }),
  requests: (caller: string, minute: string) => ({ pk: `REQUESTS#${caller}`, sk: minute }),
  idempotency: (key: string) => ({ pk: `IDEMPOTENCY#${key}`, sk: "META" }),
  /** Of the console, by the hash of the secret that a browser has; a code is there until it is traded. */
  consoleSession: (hash: string) => ({ pk: `SESSION#${hash}`, sk: "META" }),
  consoleCode: (hash: string) => ({ pk: `SESSION#${hash}`, sk: "CODE" }),
  chatDelivery: (id: string) => ({ pk: `CHAT#DELIVERY#${id}`, sk: "META" }),
  chatSignature: (fingerprint: string) => ({ pk: `CHAT#SIGNATURE#${fingerprint}`, sk: "META" }),
  chatPlan: (id: string) => ({ pk: `CHAT#PLAN#${id}`, sk: "META" }),
  chatNotification: (id: string) => ({ pk: `CHAT#NOTICE#${id}`, sk: "META" }),
} as const;

/**
 * Index of all clusters by name (`kind` CLUSTER), of all their members (`kind` MEMBER, name `CLUSTER/a`), and of whose
 * instances were whose (`kind` INSTANCE, name `CLUSTER/i-…`); of fleets (`kind` FLEET), of their public names (`kind`
 * TRAFFIC), of their roll-outs (`kind` ROLLOUT, name `FLEET/ID`), of endpoints (`kind` ENDPOINT), and of what was seen of
 * their clusters (`kind` FLEETCLUSTER, name `ENDPOINT/CLUSTER`). For listing and for hints only: indexes lag, so no
 * decision is ever taken from it.
 */
export const CLUSTERS_INDEX = "clusters";

export function isConditionFailure(error: unknown): error is Error & { Item?: Record<string, unknown> } {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}

/** Sends a conditional write. False if its condition does not hold. */
export async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];
