/** Rows of the table of errors (error-table.ts) that are about fleets and their roll-outs. */
export const FLEET_ERRORS = {
  FleetUnknown: {
    means: "no such fleet, or none with a cluster that the caller may read",
    remedy: "Check the name with `holdfast fleet get`.",
    problem: { name: "fleet-unknown", status: 404, title: "No such fleet" },
  },
  FleetExists: {
    means: "a fleet has this name, with other clusters or settings",
    remedy: "Choose another name, or change the fleet with `holdfast fleet update NAME`.",
    problem: { name: "fleet-exists", status: 409, title: "The fleet exists" },
  },
  EndpointUnknown: {
    means: "no Holdfast has joined this one by that name",
    remedy: "Check the name with `holdfast get endpoints`.",
    problem: { name: "endpoint-unknown", status: 404, title: "No such endpoint" },
  },
  RolloutUnknown: {
    means: "no such roll-out, or none with a cluster that the caller may read",
    remedy: "Check the id with `holdfast get rollouts NAME`.",
    problem: { name: "rollout-unknown", status: 404, title: "No such roll-out" },
  },
  RolloutConflict: {
    means: "an open roll-out has a cluster of this one, or what is asked does not fit its state",
    remedy: "Do what the message names, or wait until the roll-out is done: `holdfast get rollouts NAME`.",
    problem: { name: "rollout-conflict", status: 409, title: "A roll-out is in the way" },
  },
} as const;
