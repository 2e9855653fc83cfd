import type { Heartbeats } from "../store/heartbeats.ts";
import { openTable } from "../store/keys.ts";
import { NonEmpty, readEnv } from "./env.ts";

const env = readEnv({ HEARTBEAT_TABLE: NonEmpty, INSTANCE_ARNS: NonEmpty });

/** The heartbeats, for functions that look at how hosts are. */
export const heartbeats: Heartbeats = {
  table: env.HEARTBEAT_TABLE,
  instances: env.INSTANCE_ARNS,
  client: openTable(env.HEARTBEAT_TABLE).client,
};
