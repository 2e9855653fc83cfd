import type { EndpointView } from "../../../functions/domain/api/endpoint-views.ts";
import { ENDPOINT_EXAMPLE } from "../../../functions/domain/api/fleet-examples.ts";
import type { FleetView } from "../../../functions/domain/api/fleet-views.ts";
import type { RolloutView } from "../../../functions/domain/api/rollout-views.ts";
import { ago, HOSTILE_TEXTS } from "./fixtures.ts";
import { FLEET, RUNNING } from "./fleet-fixtures.ts";

/** One that answers, one that does not, and one that has not yet. */
export const ENDPOINTS: readonly EndpointView[] = [
  { ...ENDPOINT_EXAMPLE, name: "eu", clusters: 12, lastSeenAt: ago(42), unreachableSince: null, reason: null },
  {
    ...{ ...ENDPOINT_EXAMPLE, name: "asia", region: "ap-southeast-1", account: "333344445555", state: "unreachable" },
    ...{ clusters: 3, lastSeenAt: ago(1_500), unreachableSince: ago(1_200) },
    reason: `endpoint asia does not answer: no answer within 5 seconds ${HOSTILE_TEXTS[0]}`,
  },
  {
    ...{ ...ENDPOINT_EXAMPLE, name: "new", state: "joining", version: null, clusters: 0, lastSeenAt: null },
    ...{ unreachableSince: null, reason: null },
  },
];

const [first] = FLEET.clusters;
if (!first) throw new Error("the fleet has no cluster");
const lost = `unknown since ${ago(1_200)}; last seen ACTIVE`;

/** A fleet of clusters of three Holdfasts, one of which does not answer. */
export const WORLD: FleetView = {
  ...{ ...FLEET, name: "world", status: "UNKNOWN" },
  clusters: [
    {
      ...{ ...first, endpoint: "asia", name: "singapore.example.com", status: "UNKNOWN" },
      ...{ reason: lost, unknownSince: ago(1_200), problems: [lost] },
    },
    {
      ...{ ...first, endpoint: "local", name: "gone.example.com", status: "UNKNOWN", unknownSince: null },
      problems: ["there is no cluster gone.example.com"],
    },
    { ...first, endpoint: "eu", name: "paris.example.com", status: "ACTIVE", problems: [] },
  ],
};

const [card] = RUNNING.clusters;
if (!card) throw new Error("the roll-out has no cluster");

/** A roll-out whose clusters are at several Holdfasts. */
export const WORLDWIDE: RolloutView = {
  ...{ ...RUNNING, id: "rollout-01kb0v3j6z8f6c3w9m2n4p5fff", fleet: "world" },
  clusters: [
    { ...card, endpoint: "eu", name: "paris.example.com", state: "ok" },
    { ...card, endpoint: "asia", name: "singapore.example.com", state: "waiting", operation: null, from: null },
  ],
};
