import * as z from "zod";
import { LOCAL } from "../domain/fleet/fleet-records.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { openFleetStore } from "../store/fleet-store.ts";
import { changeClusterCalls } from "../usecases/change/change-cluster.ts";
import { localEndpoint } from "../usecases/fleet/local-endpoint.ts";
import { tickRollouts } from "../usecases/fleet/tick-rollouts.ts";

const env = readEnv({ UPDATE_STATE_MACHINE: NonEmpty });
/** A roll-out changes clusters that serve; it continues no creation. */
const machines = { create: null, update: env.UPDATE_STATE_MACHINE };

const local = localEndpoint({ ...system, aws: { ...changeClusterCalls } }, table, machines);
const deps = { fleets: openFleetStore(table), endpoints: new Map([[LOCAL, local]]), clock: system.clock };

/** With less time left, no further roll-out is looked at; the next run follows in a minute. */
const RESERVED_MS = 20_000;

/** Each minute, and when a change of a cluster has ended: every open roll-out continues with what is due. */
export const handler = eventHandler(z.unknown(), (_, remainingMs) =>
  tickRollouts(deps, () => remainingMs() > RESERVED_MS),
);
