import { openStore } from "../store/store.ts";
import { systemClock } from "./clock.ts";
import type { Deps } from "./collaborators.ts";
import { heartbeatTable } from "./heartbeats.ts";
import { table } from "./table.ts";

/** The real collaborators of every function. Nothing of it reads the environment before it is used. */
export const system: Deps = { store: openStore(table, heartbeatTable), aws: {}, clock: systemClock, env: {} };
