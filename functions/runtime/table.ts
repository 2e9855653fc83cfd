import { openTable } from "../store/keys.ts";
import { NonEmpty, readEnv } from "./env.ts";

/** The table of every step and route. */
export const table = openTable(readEnv({ CLUSTER_TABLE: NonEmpty }).CLUSTER_TABLE);
