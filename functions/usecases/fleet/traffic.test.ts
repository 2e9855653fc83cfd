import * as route53Sdk from "@aws-sdk/client-route-53";
import { type ResourceRecordSet, Route53Client } from "@aws-sdk/client-route-53";
import { expect, onTestFinished, test } from "vitest";
import { createRoute53 } from "../../../local/route53/route53.ts";
import { recordingContext } from "../../../local/testing/service-context.ts";
import { VirtualClock } from "../../../local/testing/virtual-clock.ts";
import { startWire } from "../../../local/testing/wire.ts";
import { defineService } from "../../../local/wire/service.ts";
import { MemoryFacts } from "../../../test/support/steps/memory-facts.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import * as checks from "../../aws/route53/health-checks.ts";
import { changeTrafficRecords, listPublicZones } from "../../aws/route53/traffic-records.ts";
import { BadRequest, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { refText } from "../../domain/fleet/fleet-records.ts";
import type { Ingress, TrafficRequest } from "../../domain/traffic/plan-traffic.ts";
import { bind } from "../../runtime/bind.ts";
import { drainTraffic, dropFromTraffic, removeTraffic, setTraffic, type TrafficDeps } from "./traffic.ts";

const CLUSTERS = ["east", "west"].map((cluster) => ({
  ...{ endpoint: "local", cluster, region: cluster === "east" ? "us-east-1" : "us-west-2", vpcId: `vpc-${cluster}` },
}));
const REQUEST: TrafficRequest = {
  ...{ fleet: "prod", host: "app.example.com", policy: "failover", ttl: null, service: null, primary: null },
  check: { protocol: "https", port: 443, path: "/healthz" },
};

class Died extends Error {}

/** The use-cases on Route 53 of the local cloud; `life` is how many calls they may make before they die. */
async function newStage() {
  const emulated = createRoute53(recordingContext(new VirtualClock()));
  const wire = await startWire({ services: [defineService(route53Sdk, "Route53Client", emulated.handlers)] });
  onTestFinished(async () => {
    emulated.close();
    await wire[Symbol.asyncDispose]();
  });
  const client = new Route53Client(wire.client);
  const zone = await client.send(new route53Sdk.CreateHostedZoneCommand({ Name: "example.com", CallerReference: "1" }));
  const HostedZoneId = zone.HostedZone?.Id ?? "";
  const ingresses = new Map<string, Ingress[]>(
    CLUSTERS.map(({ cluster, region }) => [
      cluster,
      [
        {
          service: "ingress/nginx",
          dnsName: `${cluster}.elb.${region}.amazonaws.com`,
          hostedZoneId: "Z1",
          isPublic: true,
        },
      ],
    ]),
  );
  const life = { left: Number.POSITIVE_INFINITY };
  const mortal = <F extends object>(functions: F): F =>
    new Proxy(functions, {
      get: (target, name) => {
        const run: unknown = Reflect.get(target, name);
        if (typeof run !== "function") return run;
        return async (...given: unknown[]) => {
          if (life.left <= 0) throw new Died("dead");
          life.left -= 1;
          const answer: unknown = await Reflect.apply(run, target, given);
          if (life.left <= 0) throw new Died("dead before it learned of the answer");
          return answer;
        };
      },
    });
  const { deleteHealthCheck, ensureHealthCheck, healthCheckTags, isHealthCheckHealthy } = checks;
  const gateways = { deleteHealthCheck, ensureHealthCheck, healthCheckTags, isHealthCheckHealthy };
  const traffic = new MemoryFacts();
  let made = 0;
  const deps: TrafficDeps = {
    traffic: mortal(traffic),
    aws: mortal({
      ...bind(client, { ...gateways, changeTrafficRecords, listPublicZones }),
      findIngresses: async () => ingresses,
    }),
    clock: new TestClock(),
    newId: () => `id${++made}`,
    farIngresses: async (far) => new Map(far.map((ref) => [refText(ref), ingresses.get(ref.cluster) ?? []])),
  };
  const records = async (name = "app") => {
    const answer = await client.send(new route53Sdk.ListResourceRecordSetsCommand({ HostedZoneId }));
    return (answer.ResourceRecordSets ?? []).filter(({ Name }) => Name === `${name}.example.com.`);
  };
  const shown = async (name = "app") => (await records(name)).map(text);
  const checkCount = () => Object.keys(emulated.snapshot().healthChecks).length;
  return { deps, traffic, client, HostedZoneId, shown, records, checkCount, ingresses, life };
}

function text({ SetIdentifier, Failover, Weight, Region, Type, TTL, HealthCheckId }: ResourceRecordSet): string {
  const part = Failover ?? Region ?? `weight ${Weight}`;
  return `${SetIdentifier} ${Type}${TTL === undefined ? "" : ` ${TTL}`} ${part}${HealthCheckId ? " checked" : ""}`;
}

const FAILOVER = ["holdfast/id1/local/east A PRIMARY checked", "holdfast/id1/local/west A SECONDARY checked"];

test("a fleet gets its name: a record and a check a cluster; the same request again changes nothing", async () => {
  const stage = await newStage();

  const traffic = await setTraffic(stage.deps, REQUEST, CLUSTERS);

  expect(await stage.shown()).toEqual(FAILOVER);
  const before = await stage.records();
  expect(await setTraffic(stage.deps, REQUEST, CLUSTERS)).toEqual(traffic);
  expect(await stage.records()).toEqual(before);
  expect(stage.checkCount()).toBe(2);
});

test("another policy, check, host and TTL: former records and checks go", async () => {
  const stage = await newStage();
  await setTraffic(stage.deps, REQUEST, CLUSTERS);

  const check = { protocol: "tcp", port: 443, path: null } as const;
  await setTraffic(stage.deps, { ...REQUEST, host: "web.example.com", policy: "weighted", ttl: 30, check }, CLUSTERS);

  expect(await stage.shown()).toEqual([]);
  expect(await stage.shown("web")).toEqual([
    "holdfast/id1/local/east CNAME 30 weight 100 checked",
    "holdfast/id1/local/west CNAME 30 weight 100 checked",
  ]);
  expect(stage.checkCount()).toBe(2);
  expect(stage.traffic.traffic.get("prod")?.retired).toEqual({ checks: [], names: [] });
});

test("a load balancer that was made again gets a new check and its record", async () => {
  const stage = await newStage();
  const former = await setTraffic(stage.deps, REQUEST, CLUSTERS);
  stage.ingresses.set("east", [
    { service: "ingress/nginx", dnsName: "again.elb.us-east-1.amazonaws.com", hostedZoneId: "Z1", isPublic: true },
  ]);

  const now = await setTraffic(stage.deps, REQUEST, CLUSTERS);

  expect(now.targets[0]?.checkId).not.toBe(former.targets[0]?.checkId);
  expect(now.targets[1]?.checkId).toBe(former.targets[1]?.checkId);
  const [record] = await stage.records();
  expect([record?.AliasTarget?.DNSName, record?.HealthCheckId]).toEqual([
    "again.elb.us-east-1.amazonaws.com.",
    now.targets[0]?.checkId,
  ]);
  expect(stage.checkCount()).toBe(2);
});

test("it may die at each of its calls: the same request again ends in the same, and leaves nothing behind", async () => {
  for (let left = 0; ; left += 1) {
    const stage = await newStage();
    await setTraffic(stage.deps, REQUEST, CLUSTERS);
    const other: TrafficRequest = { ...REQUEST, host: "web.example.com", check: { ...REQUEST.check, path: "/" } };
    stage.life.left = left;
    const died = await setTraffic(stage.deps, other, CLUSTERS).then(
      () => false,
      (error: unknown) => {
        if (error instanceof Died) return true;
        throw error;
      },
    );
    stage.life.left = Number.POSITIVE_INFINITY;
    await setTraffic(stage.deps, other, CLUSTERS);

    expect([left, await stage.shown(), await stage.shown("web"), stage.checkCount()]).toEqual([left, [], FAILOVER, 2]);
    if (!died) break;
  }
});

test("another request after a death takes over what the first one made", async () => {
  const stage = await newStage();
  // The record is written, and the first check is made, but nobody has noted it.
  stage.life.left = 6;
  await expect(setTraffic(stage.deps, REQUEST, CLUSTERS)).rejects.toThrow(Died);
  stage.life.left = Number.POSITIVE_INFINITY;

  await setTraffic(stage.deps, { ...REQUEST, check: { protocol: "tcp", port: 443, path: null } }, CLUSTERS);

  expect(stage.checkCount()).toBe(2);
});

test("a name with records of others is left alone, and what is wrong is one answer", async () => {
  const stage = await newStage();
  const Changes = [
    {
      Action: "CREATE" as const,
      ResourceRecordSet: {
        ...{ Name: "app.example.com", Type: "A" as const, TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] },
      },
    },
  ];
  const { HostedZoneId } = stage;
  await stage.client.send(new route53Sdk.ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));

  await expect(setTraffic(stage.deps, REQUEST, CLUSTERS)).rejects.toThrow(
    new OwnershipConflict(
      "app.example.com has records that are not this fleet's: A. Delete them, or choose another name.",
    ),
  );
  const wrong = setTraffic(stage.deps, { ...REQUEST, host: "app.example.org", primary: "none" }, CLUSTERS);
  await expect(wrong).rejects.toThrow(BadRequest);
  await expect(wrong).rejects.toMatchObject({ problems: [{ flag: "host" }, { flag: "primary" }] });
  await removeTraffic(stage.deps, "prod");
  expect(stage.checkCount()).toBe(0);
  expect(await stage.records()).toHaveLength(1);
});

test("without its fleet, the name is gone with its checks; twice is once", async () => {
  const stage = await newStage();
  await setTraffic(stage.deps, REQUEST, CLUSTERS);

  await removeTraffic(stage.deps, "prod");
  await removeTraffic(stage.deps, "prod");

  expect([await stage.shown(), stage.checkCount(), stage.traffic.traffic.size]).toEqual([[], 0, 0]);
});

test("a health check that carries other tags is not deleted", async () => {
  const stage = await newStage();
  const traffic = await setTraffic(stage.deps, REQUEST, CLUSTERS);
  await stage.client.send(
    new route53Sdk.ChangeTagsForResourceCommand({
      ResourceType: "healthcheck",
      ResourceId: traffic.targets[0]?.checkId ?? "",
      AddTags: [{ Key: "holdfast:traffic", Value: "another" }],
    }),
  );

  await removeTraffic(stage.deps, "prod");

  expect(stage.checkCount()).toBe(1);
});

test("a cluster that is gone leaves the name, and takes its check with it; the last one takes the name", async () => {
  const stage = await newStage();
  await setTraffic(stage.deps, REQUEST, CLUSTERS);

  await dropFromTraffic(stage.deps, { endpoint: "local", cluster: "east" });
  expect([await stage.shown(), stage.checkCount()]).toEqual([["holdfast/id1/local/west A PRIMARY checked"], 1]);
  await dropFromTraffic(stage.deps, { endpoint: "elsewhere", cluster: "west" });
  expect(stage.checkCount()).toBe(1);
  await dropFromTraffic(stage.deps, { endpoint: "local", cluster: "west" });
  expect([await stage.shown(), stage.checkCount(), stage.traffic.traffic.size]).toEqual([[], 0, 0]);
});

test("a roll-out takes the traffic from a cluster and gives it back; the last one keeps it", async () => {
  const stage = await newStage();
  await setTraffic(stage.deps, { ...REQUEST, policy: "weighted" }, CLUSTERS);
  const east = { endpoint: "local", cluster: "east" };
  const west = { endpoint: "local", cluster: "west" };

  expect(await drainTraffic(stage.deps, "prod", { ...east, drained: true })).toMatchObject({ fleet: "prod" });
  expect(await stage.shown()).toEqual([
    "holdfast/id1/local/east A weight 0 checked",
    "holdfast/id1/local/west A weight 100 checked",
  ]);
  expect(await drainTraffic(stage.deps, "prod", { ...west, drained: true })).toBeUndefined();
  await drainTraffic(stage.deps, "prod", { ...east, drained: false });
  expect(await stage.shown()).toEqual([
    "holdfast/id1/local/east A weight 100 checked",
    "holdfast/id1/local/west A weight 100 checked",
  ]);
  expect(await drainTraffic(stage.deps, "other", { ...east, drained: true })).toBeUndefined();
});

test("a cluster of an endpoint answers by the load balancer that its endpoint names", async () => {
  const { deps, records } = await newStage();
  const [east, west] = CLUSTERS;
  if (!east || !west) throw new Error("there are two");

  const { targets } = await setTraffic(deps, REQUEST, [{ ...east, endpoint: "eu", vpcId: "" }, west]);

  expect(targets.map(({ endpoint, balancer }) => [endpoint, balancer.dnsName])).toEqual([
    ["eu", "east.elb.us-east-1.amazonaws.com"],
    ["local", "west.elb.us-west-2.amazonaws.com"],
  ]);
  expect(await records()).toHaveLength(2);
});
