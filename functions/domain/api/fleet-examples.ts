import { type EndpointRecord, ownCluster } from "../fleet/endpoint-records.ts";
import { LOCAL, refText } from "../fleet/fleet-records.ts";
import { toFleetView, toSummary } from "../fleet/fleet-view.ts";
import { startRollout } from "../fleet/rollout-start.ts";
import { toRolloutView } from "../fleet/rollout-view.ts";
import { ONE_BY_ONE } from "../fleet/strategy.ts";
import { warningsOf } from "../traffic/plan-traffic.ts";
import type { TrafficRecord } from "../traffic/traffic-records.ts";
import { toEndpointView } from "./endpoint-views.ts";
import { CLUSTER_EXAMPLE } from "./examples.ts";
import { toTrafficView } from "./traffic-views.ts";

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
  [ownCluster({ ...CLUSTER_EXAMPLE, spec: { ...CLUSTER_EXAMPLE.spec, labels: { env: "prod" } } })],
);
export const FLEET_SUMMARY_EXAMPLE = toSummary(FLEET_EXAMPLE);

const started = startRollout(
  {
    id: "rollout-01kb0v3j6z8f6c3w9m2n4p5q7r",
    fleet: "prod",
    change: { nodeCount: 5 },
    strategy: ONE_BY_ONE,
    policy: {},
    clusters: [{ endpoint: LOCAL, cluster: CLUSTER_EXAMPLE.name }],
    by: {
      principal: "iam:arn:aws:iam::111122223333:user/alice",
      authMethod: "iam",
      sourceIp: "203.0.113.7",
      userAgent: "holdfast-cli",
    },
    now: new Date("2026-11-25T10:00:00.000Z"),
  },
  new Map([[`${LOCAL}/${CLUSTER_EXAMPLE.name}`, CLUSTER_EXAMPLE]]),
);
if (!started.ok) throw new Error("the example is no roll-out");
export const ROLLOUT_EXAMPLE = toRolloutView(started.rollout);

const TRAFFIC: TrafficRecord = {
  ...{
    fleet: "prod",
    id: "01k9",
    revision: 1,
    host: "app.example.com",
    hostedZoneId: "Z0123456789",
    policy: "failover",
  },
  ...{ check: { protocol: "https", port: 443, path: "/healthz" }, ttl: null, service: null },
  targets: ["east.example.com", "west.example.com"].map((cluster) => ({
    ...{ endpoint: LOCAL, cluster, region: "us-west-2", checkId: "c", weight: 100, drained: false },
    balancer: { dnsName: `k8s-${cluster.split(".")[0]}.elb.us-west-2.amazonaws.com`, hostedZoneId: "Z18D5FSROUN65G" },
  })),
  retired: { checks: [], names: [] },
  ...{ createdAt: "2026-11-30T10:00:00.000Z", updatedAt: "2026-11-30T10:00:00.000Z" },
};
export const TRAFFIC_EXAMPLE = toTrafficView(TRAFFIC, {
  health: new Map(TRAFFIC.targets.map((target) => [refText(target), true])),
  warnings: warningsOf(TRAFFIC),
});

const ENDPOINT: EndpointRecord = {
  ...{ name: "eu", api: "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", region: "eu-west-1" },
  ...{ roleArn: "arn:aws:iam::111122223333:role/holdfast-hub/Holdfast-HubAccess-1A2B3C", version: "1.0.0" },
  ...{ lastSeenAt: "2026-11-25T10:00:00.000Z", unreachableSince: null, reason: null },
  joinedAt: "2026-11-20T10:00:00.000Z",
};
export const ENDPOINT_EXAMPLE = toEndpointView(ENDPOINT, 12);
export const INGRESS_EXAMPLE = {
  ...{ service: "ingress/nginx", dnsName: "k8s-east.elb.us-west-2.amazonaws.com" },
  ...{ hostedZoneId: "Z18D5FSROUN65G", isPublic: true },
};
