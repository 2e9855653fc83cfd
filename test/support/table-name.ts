import { heartbeatKey } from "../../functions/domain/repair/heartbeats.ts";
import type { LocalCloud } from "../../local/cloud.ts";

/** The name that the functions of a local cloud have for their table. */
export function tableName(cloud: LocalCloud): string {
  return setting(cloud, "CLUSTER_TABLE");
}

/** The name that they have for the table of heartbeats. */
export function heartbeatTable(cloud: LocalCloud): string {
  return setting(cloud, "HEARTBEAT_TABLE");
}

/** Key of the heartbeat of an instance, as its host writes it. */
export function heartbeatOf(cloud: LocalCloud, uid: string, instanceId: string): { pk: string } {
  return {
    pk: heartbeatKey(uid, `${setting(cloud, "INSTANCE_ARNS")}${instanceId}`),
  };
}

function setting({ services }: LocalCloud, variable: string): string {
  const value = services.lambda
    .list()
    .map(({ environment }) => environment[variable])
    .find(Boolean);
  if (value === undefined) throw new Error(`no function knows ${variable}`);
  return value;
}
