import { heartbeatKey } from "../../functions/domain/repair/heartbeats.ts";
import type { LocalCloud } from "../../local/cloud.ts";

/** The name that the functions of a local cloud have for their table. */
export const tableName = (cloud: LocalCloud): string => setting(cloud, "CLUSTER_TABLE");

/** The name that they have for the table of heartbeats. */
export const heartbeatTable = (cloud: LocalCloud): string => setting(cloud, "HEARTBEAT_TABLE");

/** Key of the heartbeat of an instance, as its host writes it. */
export const heartbeatOf = (cloud: LocalCloud, uid: string, instanceId: string): { pk: string } => ({
  pk: heartbeatKey(uid, `${setting(cloud, "INSTANCE_ARNS")}${instanceId}`),
});

function setting({ services }: LocalCloud, variable: string): string {
  const value = services.lambda
    .list()
    .map(({ environment }) => environment[variable])
    .find(Boolean);
  if (value === undefined) throw new Error(`no function knows ${variable}`);
  return value;
}
