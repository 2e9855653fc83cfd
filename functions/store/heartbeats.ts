import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Heartbeat, type HeartbeatOf, heartbeatKey, readHeartbeat } from "../domain/repair/heartbeats.ts";

/** The table of heartbeats. Hosts write it, so nothing else is kept there. */
export interface Heartbeats {
  readonly table: string;
  /** Beginning of every instance's ARN. */
  readonly instances: string;
  readonly client: DynamoDBDocumentClient;
}

/** DynamoDB takes so many keys a call. */
const KEYS_A_CALL = 100;

/** The latest heartbeat of each member's instance. One that is malformed is as good as none. */
export async function readHeartbeats(
  { table, instances, client }: Heartbeats,
  members: readonly { readonly uid: string; readonly member: string; readonly instanceId: string | null }[],
): Promise<Heartbeat[]> {
  const hosts = members.flatMap(({ uid, member, instanceId }) =>
    instanceId === null ? [] : [[heartbeatKey(uid, `${instances}${instanceId}`), { uid, member, instanceId }] as const],
  );
  const wanted = new Map<string, HeartbeatOf>(hosts);
  const found: Record<string, unknown>[] = [];
  let pending: Record<string, unknown>[] = [...wanted.keys()].map((pk) => ({ pk }));
  while (pending.length > 0) {
    const Keys = pending.slice(0, KEYS_A_CALL);
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys } } }),
    );
    found.push(...(Responses[table] ?? []));
    pending = [...(UnprocessedKeys[table]?.Keys ?? []), ...pending.slice(KEYS_A_CALL)];
  }
  return found.flatMap((item) => {
    const of = wanted.get(String(item["pk"]));
    const heartbeat = of && readHeartbeat(item, of);
    return heartbeat ? [heartbeat] : [];
  });
}
