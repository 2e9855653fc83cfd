import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CloudContext } from "../context/context.ts";
import type { Handlers } from "../wire/contract.ts";
import { groupHandlers } from "./group-handlers.ts";
import { insightsHandlers } from "./insights-handlers.ts";
import { LogStore } from "./log-store.ts";
import { readHandlers } from "./read-handlers.ts";

/** CloudWatch Logs of one local cloud: what functions, state machines and the API write, and people read. */
export interface Logs {
  readonly handlers: Handlers<typeof sdk>;
  readonly store: LogStore;
}

export function createLogs(context: CloudContext): Logs {
  const store = new LogStore(context);
  return {
    store,
    handlers: {
      ...groupHandlers(context, store),
      ...readHandlers(store),
      ...insightsHandlers(context, store),
    },
  };
}
