import { describe, expect, test } from "vitest";
import { type PlanFacts, planTraffic, type TrafficCluster, type TrafficRequest, wantsTheSame } from "./plan-traffic.ts";
import { changesBetween, type RecordSet, wantedRecords } from "./record-sets.ts";
import { checkText, monthlyCost, parseCheck } from "./traffic-check.ts";
import { settleSeconds, type TrafficRecord } from "./traffic-records.ts";

const request: TrafficRequest = {
  fleet: "prod",
  host: "app.example.com",
  policy: "failover",
  check: { protocol: "https", port: 443, path: "/healthz" },
  ttl: null,
  service: null,
  primary: null,
};

function cluster(name: string, region: string, more: Partial<TrafficCluster> = {}): TrafficCluster {
  const ingress = { service: "ingress/nginx", dnsName: `${name}.elb.${region}.amazonaws.com`, hostedZoneId: "Z1" };
  return { endpoint: "local", cluster: name, region, ingresses: [{ ...ingress, isPublic: true }], ...more };
}

const east = cluster("east", "us-east-1");
const west = cluster("west", "us-west-2");
const facts: PlanFacts = {
  clusters: [east, west],
  zones: new Map([
    ["example.com", "ZEXAMPLE"],
    ["com", "ZCOM"],
  ]),
  former: undefined,
  newId: "id1",
  now: "2026-11-30T08:00:00.000Z",
};

function planned(of: Partial<TrafficRequest> = {}, given: Partial<PlanFacts> = {}): TrafficRecord {
  const plan = planTraffic({ ...request, ...of }, { ...facts, ...given });
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
  return plan.traffic;
}

function withChecks(traffic: TrafficRecord): TrafficRecord {
  return { ...traffic, targets: traffic.targets.map((target) => ({ ...target, checkId: `check-${target.cluster}` })) };
}

function problemsOf(of: Partial<TrafficRequest>, given: Partial<PlanFacts> = {}): string[] {
  const plan = planTraffic({ ...request, ...of }, { ...facts, ...given });
  return plan.ok ? [] : plan.problems.map(({ flag, message }) => `${flag}: ${message}`);
}

describe("checks", () => {
  test.each([
    ["https:/healthz", { protocol: "https", port: 443, path: "/healthz" }],
    ["https:8443/", { protocol: "https", port: 8443, path: "/" }],
    ["http:/ready?full=1", { protocol: "http", port: 80, path: "/ready?full=1" }],
    ["tcp:443", { protocol: "tcp", port: 443, path: null }],
  ])("%s", (text, check) => {
    const parsed = parseCheck(text);

    expect(parsed).toEqual(check);
    expect(parsed && checkText(parsed)).toBe(text);
  });

  test.each(["https", "https:", "tcp:", "tcp:443/", "tcp:0", "http:99999/", "ftp:/x", "https:/a b"])(
    "%s is none",
    (text) => {
      expect(parseCheck(text)).toBeUndefined();
    },
  );

  test("HTTPS is an optional feature, which costs more", () => {
    expect(["https:/", "http:/", "tcp:1"].map(parseCheck).map((check) => check && monthlyCost(check))).toEqual([
      1.5, 0.5, 0.5,
    ]);
  });
});

describe("plans", () => {
  test("the nearest public zone holds the name, and the plan says what it costs and what it does not do", () => {
    const plan = planTraffic(request, facts);

    expect(plan).toMatchObject({
      ok: true,
      traffic: { id: "id1", revision: 1, hostedZoneId: "ZEXAMPLE", retired: { checks: [], names: [] } },
      warnings: [
        "The data of your applications is your problem: clusters share none, and a failover copies none.",
        "2 health checks cost about $3.00 a month ($1.50 each).",
        "Clients may keep an answer for 60 seconds, and a check fails after three failures, 30 seconds apart.",
        "Route 53 asks https:/healthz by the load balancer's own name, so the service must answer it for any host.",
        "If no cluster is healthy, Route 53 answers as if all were.",
      ],
    });
  });

  test("all that is wrong is in one answer", () => {
    const internal = cluster("inner", "us-east-1", {
      ingresses: [{ service: "a/b", dnsName: "x", hostedZoneId: "Z1", isPublic: false }],
    });
    const [ingress] = east.ingresses;
    const several = cluster("several", "eu-west-1", {
      ingresses: ingress ? [ingress, { ...ingress, service: "shop/web" }] : [],
    });

    expect(
      problemsOf({ host: "app.example.org", primary: "none" }, { clusters: [internal, several, cluster("c", "x")] }),
    ).toEqual([
      "host: no public hosted zone of this account holds app.example.org",
      "policy: Route 53 fails over between two clusters, and the fleet has 3",
      "primary: the fleet has no cluster none",
      "service: cluster local/inner has no public load balancer of a service of type LoadBalancer, only internal ones",
      "service: cluster local/several has several services: ingress/nginx, shop/web",
    ]);
    expect(problemsOf({ service: "shop/web" }, { clusters: [several, west] })).toEqual([
      "service: cluster local/west has no public load balancer of the service shop/web",
    ]);
    expect(problemsOf({ policy: "latency" }, { clusters: [east, cluster("other", "us-east-1")] })).toEqual([
      "policy: Route 53 takes one cluster a Region by latency, and us-east-1 has several",
    ]);
    expect(problemsOf({ host: "example.com", ttl: 30 })).toEqual([
      "ttl: example.com is the zone itself, whose records have no TTL of ours",
    ]);
    expect(problemsOf({}, { clusters: [east] })).toEqual([
      "policy: a fleet of one cluster has nothing to fail over to",
    ]);
  });

  test("the primary of a failover is the fleet's first, or the one that is named", () => {
    const roles = (traffic: TrafficRecord) =>
      wantedRecords(traffic).map(({ identifier, routing }) => [
        identifier,
        routing.policy === "failover" ? routing.role : "",
      ]);

    expect(roles(planned())).toEqual([
      ["holdfast/id1/local/east", "PRIMARY"],
      ["holdfast/id1/local/west", "SECONDARY"],
    ]);
    expect(roles(planned({ primary: "west" }))).toEqual([
      ["holdfast/id1/local/west", "PRIMARY"],
      ["holdfast/id1/local/east", "SECONDARY"],
    ]);
  });

  test("a change keeps the checks that still fit, and retires the others with the former name", () => {
    const former = withChecks(planned());

    expect(planned({}, { former }).targets.map(({ checkId }) => checkId)).toEqual(["check-east", "check-west"]);
    const other = planned({ host: "web.example.com", check: { ...request.check, path: "/" } }, { former });
    expect(other).toMatchObject({
      id: "id1",
      revision: 2,
      targets: [{ checkId: null }, { checkId: null }],
      retired: {
        checks: ["check-east", "check-west"],
        names: [{ hostedZoneId: "ZEXAMPLE", host: "app.example.com" }],
      },
    });
    const moved = planned({}, { former, clusters: [east, cluster("third", "eu-west-1")] });
    expect(moved.targets.map(({ checkId }) => checkId)).toEqual(["check-east", null]);
    expect(moved.retired).toEqual({ checks: ["check-west"], names: [] });
  });

  test("what wants the same is continued, not begun again", () => {
    const former = withChecks(planned());

    expect(wantsTheSame(former, planned({}, { former }))).toBe(true);
    expect(wantsTheSame(former, planned({ policy: "weighted" }, { former }))).toBe(false);
  });
});

describe("records", () => {
  test("aliases keep the balancers' time to live, CNAMEs have their own", () => {
    const [alias] = wantedRecords(planned());
    const [cname] = wantedRecords(planned({ ttl: 30 }));

    expect(alias).toMatchObject({ ttl: null, target: { hostedZoneId: "Z1" } });
    expect(cname).toMatchObject({ ttl: 30, target: { hostedZoneId: null } });
    expect([settleSeconds(planned()), settleSeconds(planned({ ttl: 30 }))]).toEqual([120, 90]);
  });

  test.each([
    [
      "weighted",
      [
        { policy: "weighted", weight: 0 },
        { policy: "weighted", weight: 100 },
      ],
    ],
    ["latency", [{ policy: "latency", region: "us-west-2" }]],
    [
      "failover",
      [
        { policy: "failover", role: "SECONDARY" },
        { policy: "failover", role: "PRIMARY" },
      ],
    ],
  ] as const)("a cluster that is drained gets no traffic: %s", (policy, expected) => {
    const traffic = planned({ policy });
    const [first, second] = traffic.targets;
    const drained = { ...traffic, targets: first && second ? [{ ...first, drained: true }, second] : [] };

    expect(wantedRecords(drained).map(({ routing }) => routing)).toEqual(expected);
  });

  test("if all are drained, all are as if none were", () => {
    const traffic = planned({ policy: "latency" });
    const drained = { ...traffic, targets: traffic.targets.map((target) => ({ ...target, drained: true })) };

    expect(wantedRecords(drained)).toHaveLength(2);
  });
});

describe("changes", () => {
  const current = wantedRecords(withChecks(planned({ policy: "weighted" })));
  const [first, second] = current;
  const actions = (wanted: readonly RecordSet[], from: readonly RecordSet[] = current) =>
    changesBetween(from, wanted).map(({ action, record }) => `${action} ${record.identifier.split("/").at(-1)}`);

  test("nothing where all is as wanted; creation, deletion, and weights in place", () => {
    expect(actions(current)).toEqual([]);
    expect(actions(current, [])).toEqual(["CREATE east", "CREATE west"]);
    expect(actions([])).toEqual(["DELETE east", "DELETE west"]);
    expect(actions(first ? [first] : [])).toEqual(["DELETE west"]);
    expect(actions(first && second ? [{ ...first, routing: { policy: "weighted", weight: 0 } }, second] : [])).toEqual([
      "UPSERT east",
    ]);
  });

  test("another policy, TTL or primary takes all records at once", () => {
    const all = ["DELETE east", "DELETE west", "CREATE east", "CREATE west"];

    expect(actions(wantedRecords(withChecks(planned())))).toEqual(all);
    expect(actions(wantedRecords(withChecks(planned({ policy: "weighted", ttl: 30 }))))).toEqual(all);
    const swapped = wantedRecords(withChecks(planned({ primary: "west" })));
    expect(actions(swapped, wantedRecords(withChecks(planned())))).toEqual([
      "DELETE east",
      "DELETE west",
      "CREATE west",
      "CREATE east",
    ]);
  });
});
