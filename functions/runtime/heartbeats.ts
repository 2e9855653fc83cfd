import type { Heartbeats } from "../store/heartbeats.ts";
import { lazily, NonEmpty, readEnv } from "./env.ts";
import { table } from "./table.ts";

const env = lazily(() => readEnv({ HEARTBEAT_TABLE: NonEmpty, INSTANCE_ARNS: NonEmpty }));

/** The heartbeats, for functions that look at how hosts are. */
export const heartbeatTable: Heartbeats = {
  client: table.client,
  get table() {
    return env().HEARTBEAT_TABLE;
  },
  get instances() {
    return env().INSTANCE_ARNS;
  },
};
