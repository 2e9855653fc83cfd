import * as z from "zod";
import { EndpointName, HUB_ROLE_PATH } from "../fleet/endpoint-records.ts";
import { type ClusterRef, FleetName, FleetPolicy, LOCAL } from "../fleet/fleet-records.ts";
import { parseSelector } from "../fleet/selector.ts";
import { Strategy } from "../fleet/strategy.ts";
import { ClusterName } from "../spec/value-schemas.ts";
import { parseCheck } from "../traffic/traffic-check.ts";
import { TRAFFIC_POLICIES } from "../traffic/traffic-records.ts";
import { DryRun, Once, PAGE } from "./common-parts.ts";

const Endpoint = z.union([z.literal(LOCAL), EndpointName]);
const GivenRef = z
  .union([
    ClusterName,
    z.string().refine(isRefText, { message: "a cluster's name, or ENDPOINT/NAME" }),
    z.strictObject({
      endpoint: Endpoint.describe("Whose cluster it is; `local` is this Holdfast."),
      cluster: ClusterName,
    }),
  ])
  .describe("A cluster of this Holdfast by its name, or with its endpoint: `eu/prod.example.com`.");

function isRefText(text: string): boolean {
  const [endpoint, cluster, ...rest] = text.split("/");
  return rest.length === 0 && Endpoint.safeParse(endpoint).success && ClusterName.safeParse(cluster).success;
}

/** A cluster as a request names it. */
export function refOf(given: z.output<typeof GivenRef>): ClusterRef {
  if (typeof given !== "string") return given;
  const [endpoint = "", cluster] = given.split("/");
  return cluster === undefined ? { endpoint: LOCAL, cluster: given } : { endpoint, cluster };
}

/** Checked with the rest of the request, so that one answer has all that is wrong. */
const GivenSelector = z
  .string()
  .max(1024)
  .superRefine((text, { addIssue }) => {
    const parsed = parseSelector(text, "selector");
    if (parsed.ok) return;
    const wrong = parsed.problems.map(({ message }) => message.replace("selector: ", ""));
    addIssue(`conditions such as env=prod; ${wrong.join("; ")}`);
  });

const MEMBERS = {
  clusters: z.array(GivenRef).min(1).max(500).exactOptional().describe("Its clusters, by their names."),
  selector: GivenSelector.exactOptional().describe("Or the labels of its clusters: `env=prod,tier in (1,2)`."),
};
const SETTINGS = {
  policy: FleetPolicy.exactOptional().describe("What each of its clusters must have; violations are reported."),
  strategy: Strategy.nullable().exactOptional().describe("Of its roll-outs; without one clusters change one by one."),
};

const CreateFleet = z.strictObject({ name: FleetName, ...MEMBERS, ...SETTINGS, dryRun: DryRun });
/** What is given replaces what was; members of the other kind go. */
const UpdateFleet = z.strictObject({ ...MEMBERS, ...SETTINGS, dryRun: DryRun });

const OfFleet = z.strictObject({ fleet: FleetName.describe("Name of the fleet.") });

const RolloutBody = z.strictObject({
  change: z
    .record(z.string().max(40), z.unknown())
    .describe("A JSON merge patch of the spec of each cluster, as `PATCH /clusters/{name}` takes it."),
  strategy: Strategy.exactOptional().describe("In place of the fleet's own."),
});
const OfRollout = z.strictObject({
  rollout: z
    .string()
    .max(60)
    .regex(/^rollout-[0-9a-z]+$/, "the id of a roll-out")
    .describe("Id of the roll-out."),
});
const ActionBody = z.discriminatedUnion("action", [
  z.strictObject({ action: z.enum(["pause", "retry", "stop"]) }),
  z.strictObject({ action: z.literal("rollback") }),
  z.strictObject({
    action: z.literal("resume"),
    skip: z
      .array(z.string().max(100))
      .max(500)
      .exactOptional()
      .describe("Clusters to leave out from now on, by name or as ENDPOINT/NAME."),
  }),
  z.strictObject({ action: z.literal("approve"), stage: z.string().max(40).describe("Name of the stage that waits.") }),
  z.strictObject({
    action: z.literal("check"),
    name: z.string().max(40).describe("Name of the check that the roll-out waits for."),
    passed: z.boolean().describe("If it has not passed, the roll-out stops."),
    message: z.string().max(300).exactOptional().describe("What is to be said of it."),
  }),
]);
const START = { action: "change", costly: true, path: OfFleet, body: RolloutBody } as const;

const Host = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/,
    "a name in DNS such as app.example.com",
  );
const DnsBody = z.strictObject({
  host: Host.describe("The public name; a public hosted zone of this account holds it."),
  policy: z.enum(TRAFFIC_POLICIES).describe("How Route 53 chooses a cluster."),
  check: z
    .string()
    .max(300)
    .refine((text) => parseCheck(text) !== undefined, {
      message: "a check such as https:/healthz, http:8080/ or tcp:443",
    })
    .describe("What Route 53 asks each cluster's load balancer each 30 seconds."),
  ttl: z.int().min(1).max(3600).exactOptional().describe("Seconds; without it aliases, which are kept for 60."),
  service: z
    .string()
    .max(130)
    .regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, "namespace/name")
    .exactOptional()
    .describe("The service of type LoadBalancer, if a cluster has several."),
  primary: ClusterName.exactOptional().describe(
    "Of a failover: who answers while it is healthy. Else the first by name.",
  ),
  dryRun: DryRun,
});

/** Keys in plain text go to nobody but this machine. */
const ApiAddress = z
  .url({ protocol: /^https?$/, message: "an address such as https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com" })
  .max(300)
  .refine((text) => text.startsWith("https:") || /^http:\/\/127\.\d+\.\d+\.\d+(:\d+)?\/?$/.test(text), {
    message: "an https address",
  });
const JoinBody = z.strictObject({
  name: EndpointName.describe("Its name at the hub."),
  api: ApiAddress.describe("Address of its API."),
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "a Region such as eu-west-1")
    .describe("Its Region, for which requests are signed."),
  roleArn: z
    .string()
    .regex(
      new RegExp(`^arn:aws[a-z-]*:iam::\\d{12}:role${HUB_ROLE_PATH}[\\w+=,.@-]{1,64}$`),
      `a role such as arn:aws:iam::111122223333:role${HUB_ROLE_PATH}NAME`,
    )
    .describe("The role that lets this hub in: an output of the other's stack."),
});
const OfEndpoint = z.strictObject({ endpoint: EndpointName.describe("Name of the endpoint.") });
const Fresh = z.strictObject({
  fresh: z.enum(["true", "false"]).optional().describe("`true` asks the fleet's endpoints first."),
});

/** Requests about fleets: to change one takes a role for all clusters. */
export const FLEET_REQUESTS = {
  createFleet: { route: "POST /fleets", action: "change", costly: true, body: CreateFleet },
  listFleets: { route: "GET /fleets", action: "read", costly: false, query: z.strictObject(PAGE) },
  getFleet: { route: "GET /fleets/{fleet}", action: "read", costly: false, path: OfFleet, query: Fresh },
  joinHub: { route: "POST /endpoints", action: "change", costly: true, body: JoinBody },
  listEndpoints: { route: "GET /endpoints", action: "read", costly: false },
  leaveHub: { route: "DELETE /endpoints/{endpoint}", action: "delete", costly: true, path: OfEndpoint },
  updateFleet: { route: "PATCH /fleets/{fleet}", action: "change", costly: true, path: OfFleet, body: UpdateFleet },
  deleteFleet: { route: "DELETE /fleets/{fleet}", action: "delete", costly: true, path: OfFleet },
  getFleetDns: { route: "GET /fleets/{fleet}/dns", action: "read", costly: true, path: OfFleet },
  setFleetDns: { route: "POST /fleets/{fleet}/dns", action: "change", costly: true, path: OfFleet, body: DnsBody },
  removeFleetDns: { route: "DELETE /fleets/{fleet}/dns", action: "delete", costly: true, path: OfFleet },
  listIngresses: {
    route: "GET /clusters/{name}/ingresses",
    action: "read",
    costly: true,
    path: z.strictObject({ name: ClusterName.describe("Name of the cluster.") }),
  },
  planRollout: { route: "POST /fleets/{fleet}/rollouts/plan", ...START },
  startRollout: { route: "POST /fleets/{fleet}/rollouts", ...START, headers: Once },
  listRollouts: {
    route: "GET /fleets/{fleet}/rollouts",
    action: "read",
    costly: false,
    path: OfFleet,
    query: z.strictObject(PAGE),
  },
  getRollout: { route: "GET /rollouts/{rollout}", action: "read", costly: false, path: OfRollout },
  actOnRollout: {
    route: "PATCH /rollouts/{rollout}",
    action: "change",
    costly: true,
    path: OfRollout,
    body: ActionBody,
  },
} as const;
