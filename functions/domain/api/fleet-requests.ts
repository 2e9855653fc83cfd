import * as z from "zod";
import { type ClusterRef, FleetName, FleetPolicy, LOCAL } from "../fleet/fleet-records.ts";
import { Strategy } from "../fleet/strategy.ts";
import { ClusterName } from "../spec/value-schemas.ts";
import { PAGE } from "./list-queries.ts";

const GivenRef = z
  .union([
    ClusterName,
    z.strictObject({
      endpoint: z.literal(LOCAL).describe("Whose cluster it is; `local` is this Holdfast."),
      cluster: ClusterName,
    }),
  ])
  .describe("A cluster of this Holdfast by its name, or with its endpoint.");

/** A cluster as a request names it. */
export function refOf(given: z.output<typeof GivenRef>): ClusterRef {
  return typeof given === "string" ? { endpoint: LOCAL, cluster: given } : given;
}

const MEMBERS = {
  clusters: z.array(GivenRef).min(1).max(500).exactOptional().describe("Its clusters, by their names."),
  selector: z.string().max(1024).exactOptional().describe("Or the labels of its clusters: `env=prod,tier in (1,2)`."),
};
const SETTINGS = {
  policy: FleetPolicy.exactOptional().describe("What each of its clusters must have; violations are reported."),
  strategy: Strategy.nullable().exactOptional().describe("Of its roll-outs; without one clusters change one by one."),
};

const CreateFleet = z.strictObject({ name: FleetName, ...MEMBERS, ...SETTINGS });
/** What is given replaces what was; members of the other kind go. */
const UpdateFleet = z.strictObject({ ...MEMBERS, ...SETTINGS });

const OfFleet = z.strictObject({ fleet: FleetName.describe("Name of the fleet.") });

/** Requests about fleets: to change one takes a role for all clusters. */
export const FLEET_REQUESTS = {
  createFleet: { route: "POST /fleets", action: "change", costly: true, body: CreateFleet },
  listFleets: { route: "GET /fleets", action: "read", costly: false, query: z.strictObject(PAGE) },
  getFleet: { route: "GET /fleets/{fleet}", action: "read", costly: false, path: OfFleet },
  updateFleet: { route: "PATCH /fleets/{fleet}", action: "change", costly: true, path: OfFleet, body: UpdateFleet },
  deleteFleet: { route: "DELETE /fleets/{fleet}", action: "delete", costly: true, path: OfFleet },
} as const;
