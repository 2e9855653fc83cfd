import { openTable } from "../store/keys.ts";
import { lazily, NonEmpty, readEnv } from "./env.ts";

const nameOf = lazily(() => readEnv({ CLUSTER_TABLE: NonEmpty }).CLUSTER_TABLE);

/** The table of every step and route. */
export const table = openTable(nameOf);
