import type * as z from "zod";
import { openStore } from "../store/store.ts";
import { systemClock } from "./clock.ts";
import type { Deps } from "./collaborators.ts";
import { type EnvOf, readEnv } from "./env.ts";
import { heartbeatTable } from "./heartbeats.ts";
import { table } from "./table.ts";

/** The real collaborators of every function. Nothing of it reads the environment before it is used. */
export const system: Deps = { store: openStore(table, heartbeatTable), aws: {}, clock: systemClock, env: {} };

/** Those of a step: with its calls of AWS, and its variables of the environment once they are needed. */
export function collaborators<Aws>(calls: Aws): () => Deps<Aws>;
export function collaborators<Aws, Env extends z.ZodRawShape>(calls: Aws, env: Env): () => Deps<Aws, EnvOf<Env>>;
export function collaborators(calls: unknown, env: z.ZodRawShape = {}): () => Deps {
  return () => ({ ...system, aws: calls, env: readEnv(env) });
}
