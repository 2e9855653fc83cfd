import { toFleetView, toSummary } from "../fleet/fleet-view.ts";
import { CLUSTER_EXAMPLE } from "./examples.ts";

export const FLEET_EXAMPLE = toFleetView(
  {
    name: "prod",
    clusters: null,
    selector: "env=prod",
    policy: { masters: { minimum: 3 } },
    strategy: null,
    createdAt: "2026-11-25T10:00:00.000Z",
    updatedAt: "2026-11-25T10:00:00.000Z",
  },
  [{ ...CLUSTER_EXAMPLE, spec: { ...CLUSTER_EXAMPLE.spec, labels: { env: "prod" } } }],
);
export const FLEET_SUMMARY_EXAMPLE = toSummary(FLEET_EXAMPLE);
