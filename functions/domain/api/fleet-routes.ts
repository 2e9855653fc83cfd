import { FLEET_EXAMPLE, FLEET_SUMMARY_EXAMPLE } from "./fleet-examples.ts";
import { FleetSummarySchema, FleetViewSchema } from "./fleet-views.ts";
import { REQUESTS } from "./requests.ts";
import type { Answer, ApiRoute } from "./route-types.ts";
import { pageOf } from "./views.ts";

const fleet: Answer = {
  description: "The fleet, with those of its clusters that the caller may read.",
  schema: FleetViewSchema,
  example: FLEET_EXAMPLE,
};

/** Several clusters as one. */
export const FLEET_ROUTES = {
  createFleet: {
    request: REQUESTS.createFleet,
    tag: "Fleets",
    summary: "Create a fleet",
    description: "Of the clusters that it lists, or that a selector of labels finds. No cluster is touched.",
    function: "fleets",
    answers: { 201: fleet },
    problems: ["fleet-exists"],
    body: {
      schema: REQUESTS.createFleet.body,
      example: { name: "prod", selector: "env=prod", policy: { masters: { minimum: 3 } } },
    },
  },
  listFleets: {
    request: REQUESTS.listFleets,
    tag: "Fleets",
    summary: "List fleets by name",
    description: "Those with a cluster that the caller may read.",
    function: "fleets",
    answers: {
      200: {
        description: "A page.",
        schema: pageOf(FleetSummarySchema),
        example: { items: [FLEET_SUMMARY_EXAMPLE] },
      },
    },
    problems: [],
  },
  getFleet: {
    request: REQUESTS.getFleet,
    tag: "Fleets",
    summary: "One fleet",
    description: "Its status is the worst of its clusters. Lags by a moment behind what was changed.",
    function: "fleets",
    answers: { 200: fleet },
    problems: ["fleet-unknown"],
  },
  updateFleet: {
    request: REQUESTS.updateFleet,
    tag: "Fleets",
    summary: "Change a fleet",
    description: "What is given replaces what was. A roll-out that has begun keeps its clusters and its strategy.",
    function: "fleets",
    answers: { 200: fleet },
    problems: ["fleet-unknown"],
    body: { schema: REQUESTS.updateFleet.body, example: { policy: { kubernetes: { minimum: "1.36" } } } },
  },
  deleteFleet: {
    request: REQUESTS.deleteFleet,
    tag: "Fleets",
    summary: "Delete a fleet",
    description: "Its clusters stay as they are. Refused while it has an open roll-out.",
    function: "fleets",
    answers: { 200: { ...fleet, description: "The fleet as it was." } },
    problems: ["fleet-unknown", "rollout-conflict"],
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
