import { EndpointViewSchema } from "./endpoint-views.ts";
import {
  ENDPOINT_EXAMPLE,
  FLEET_EXAMPLE,
  FLEET_SUMMARY_EXAMPLE,
  INGRESS_EXAMPLE,
  ROLLOUT_EXAMPLE,
  TRAFFIC_EXAMPLE,
} from "./fleet-examples.ts";
import { FleetSummarySchema, FleetViewSchema } from "./fleet-views.ts";
import { REQUESTS } from "./requests.ts";
import { PlannedRolloutSchema, RolloutViewSchema } from "./rollout-views.ts";
import type { Answer, ApiRoute } from "./route-types.ts";
import { IngressesSchema, TrafficViewSchema } from "./traffic-views.ts";
import { pageOf } from "./views.ts";

const fleet: Answer = {
  description: "The fleet, with those of its clusters that the caller may read.",
  schema: FleetViewSchema,
  example: FLEET_EXAMPLE,
};

const endpoint: Answer = {
  description: "The endpoint, and whether it answers.",
  schema: EndpointViewSchema,
  example: ENDPOINT_EXAMPLE,
};

const dns: Answer = {
  description: "The name, its clusters, and what it costs.",
  schema: TrafficViewSchema,
  example: TRAFFIC_EXAMPLE,
};

const begun: Answer = {
  description: "The roll-out has begun; follow it at `Location`.",
  schema: RolloutViewSchema,
  example: ROLLOUT_EXAMPLE,
  headers: { Location: "Path of the roll-out." },
};
const rolloutBody = {
  schema: REQUESTS.startRollout.body,
  example: {
    change: { nodeCount: 5 },
    strategy: {
      stages: [
        { name: "canary", selector: "ring=canary", soakMinutes: 60 },
        { name: "rest", maxConcurrent: "25%", before: [{ gate: "approval", by: "admin" }] },
      ],
    },
  },
};

/** Several clusters as one. */
export const FLEET_ROUTES = {
  createFleet: {
    request: REQUESTS.createFleet,
    tag: "Fleets",
    summary: "Create a fleet",
    description: "Of the clusters that it lists, or that a selector of labels finds. No cluster is touched.",
    function: "fleets",
    answers: { 200: { ...fleet, description: "Of a dry run: the fleet as it would be." }, 201: fleet },
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
  joinHub: {
    request: REQUESTS.joinHub,
    tag: "Fleets",
    summary: "Let this Holdfast know the clusters of another",
    description: "It becomes the other's hub, and asks it at once. The same name again replaces the settings.",
    function: "fleets",
    answers: { 201: endpoint },
    problems: [],
    body: {
      schema: REQUESTS.joinHub.body,
      example: {
        name: "eu",
        api: ENDPOINT_EXAMPLE.api,
        region: ENDPOINT_EXAMPLE.region,
        roleArn: ENDPOINT_EXAMPLE.roleArn,
      },
    },
  },
  listEndpoints: {
    request: REQUESTS.listEndpoints,
    tag: "Fleets",
    summary: "The Holdfasts that have joined this one",
    function: "fleets",
    answers: {
      200: { description: "All of them.", schema: pageOf(EndpointViewSchema), example: { items: [ENDPOINT_EXAMPLE] } },
    },
    problems: [],
  },
  leaveHub: {
    request: REQUESTS.leaveHub,
    tag: "Fleets",
    summary: "Forget another Holdfast",
    description: "Its clusters stay as they are. Refused while an open roll-out has one of them.",
    function: "fleets",
    answers: { 200: { ...endpoint, description: "The endpoint as it was." } },
    problems: ["endpoint-unknown", "rollout-conflict"],
  },
  getFleetDns: {
    request: REQUESTS.getFleetDns,
    tag: "Fleets",
    summary: "The public name of a fleet, and who answers it",
    function: "fleet-dns",
    answers: { 200: dns },
    problems: ["fleet-unknown"],
  },
  setFleetDns: {
    request: REQUESTS.setFleetDns,
    tag: "Fleets",
    summary: "Give a fleet a public name",
    description:
      "Records of Route 53 lead to the load balancers of the clusters, each with a health check. The same request again continues one that was cut off.",
    function: "fleet-dns",
    answers: { 200: dns },
    problems: ["fleet-unknown"],
    body: {
      schema: REQUESTS.setFleetDns.body,
      example: { host: "app.example.com", policy: "failover", check: "https:/healthz" },
    },
  },
  removeFleetDns: {
    request: REQUESTS.removeFleetDns,
    tag: "Fleets",
    summary: "Take the public name from a fleet",
    description: "Its records and health checks are deleted.",
    function: "fleet-dns",
    answers: { 200: { ...dns, description: "The name as it was." } },
    problems: ["fleet-unknown"],
  },
  listIngresses: {
    request: REQUESTS.listIngresses,
    tag: "Fleets",
    summary: "Load balancers of a cluster's services",
    description: "Those that its Kubernetes made for services of type LoadBalancer: where a fleet's name can lead to.",
    function: "fleet-dns",
    answers: {
      200: { description: "All of them.", schema: IngressesSchema, example: { items: [INGRESS_EXAMPLE] } },
    },
    problems: ["cluster-unknown"],
  },
  planRollout: {
    request: REQUESTS.planRollout,
    tag: "Fleets",
    summary: "What a roll-out would be",
    description: "The stages with their clusters. All that is refused is in one answer. Changes nothing.",
    function: "fleets",
    answers: {
      200: {
        description: "The roll-out, and the clusters that it leaves as they are.",
        schema: PlannedRolloutSchema,
        example: { rollout: ROLLOUT_EXAMPLE, left: [] },
      },
    },
    problems: ["fleet-unknown", "spec-rejected"],
    body: rolloutBody,
  },
  startRollout: {
    request: REQUESTS.startRollout,
    tag: "Fleets",
    summary: "Change the clusters of a fleet, stage by stage",
    description: "It stops at a failure. Its clusters are changed by ordinary operations.",
    function: "fleets",
    answers: { 202: begun },
    problems: ["fleet-unknown", "rollout-conflict", "idempotency-mismatch", "spec-rejected"],
    body: rolloutBody,
  },
  listRollouts: {
    request: REQUESTS.listRollouts,
    tag: "Fleets",
    summary: "List a fleet's roll-outs, newest first",
    function: "fleets",
    answers: {
      200: { description: "A page.", schema: pageOf(RolloutViewSchema), example: { items: [ROLLOUT_EXAMPLE] } },
    },
    problems: ["fleet-unknown"],
  },
  getRollout: {
    request: REQUESTS.getRollout,
    tag: "Fleets",
    summary: "One roll-out",
    function: "fleets",
    answers: { 200: { description: "The roll-out.", schema: RolloutViewSchema, example: ROLLOUT_EXAMPLE } },
    problems: ["rollout-unknown"],
  },
  actOnRollout: {
    request: REQUESTS.actOnRollout,
    tag: "Fleets",
    summary: "Pause, resume, retry, approve, report a check, stop or roll back",
    description:
      "An approval, and the result of a check, take the role that the gate names. The same request again changes nothing.",
    function: "fleets",
    answers: {
      200: { description: "The roll-out.", schema: RolloutViewSchema, example: ROLLOUT_EXAMPLE },
      202: { ...begun, description: "The roll-out of the former values has begun." },
    },
    problems: ["rollout-unknown", "rollout-conflict"],
    body: { schema: REQUESTS.actOnRollout.body, example: { action: "approve", stage: "prod" } },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
