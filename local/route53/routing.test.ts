import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { describe, expect, test } from "vitest";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import type { Names } from "./answers.ts";
import { createRoute53 } from "./route53.ts";

type Part = Partial<ResourceRecordSet>;

/** A zone, checks that fail as told, balancers that are healthy as told, and chances one after the other. */
async function withZone(options: { healthyBalancers?: readonly string[]; chances?: number[]; region?: string } = {}) {
  const clock = new VirtualClock();
  const failing = new Set<string>();
  const names: Names = {
    addresses: (name) => (name.endsWith(".elb.amazonaws.com") ? [`address of ${name.split(".")[0]}`] : undefined),
    isHealthy: (name) => options.healthyBalancers?.includes(name.split(".")[0] ?? "") ?? false,
  };
  const { chances = [] } = options;
  const route53 = createRoute53(
    { ...recordingContext(clock), region: options.region ?? "us-west-2" },
    {
      names,
      checkSecond: 10,
      chance: () => chances.shift() ?? 0,
      probe: async ({ FullyQualifiedDomainName: name = "" }) => ({ healthy: !failing.has(name), text: "told" }),
    },
  );
  const aws = client(route53.handlers);
  const { HostedZone } = await aws("CreateHostedZone", { Name: "example.com", CallerReference: "1" });
  const HostedZoneId = HostedZone?.Id;
  const change = (...parts: (Part & { Action?: "CREATE" | "UPSERT" | "DELETE" })[]) =>
    aws("ChangeResourceRecordSets", {
      HostedZoneId,
      ChangeBatch: {
        Changes: parts.map(({ Action = "CREATE", ...part }) => ({
          Action,
          ResourceRecordSet: { Name: "app.example.com", Type: "A" as const, ...part },
        })),
      },
    });
  const check = async (name: string) => {
    const config = { Type: "HTTPS", FullyQualifiedDomainName: name, RequestInterval: 10, FailureThreshold: 1 } as const;
    const made = await aws("CreateHealthCheck", { CallerReference: name, HealthCheckConfig: config });
    return made.HealthCheck?.Id;
  };
  const answer = async (RecordName = "app.example.com") => {
    const { ResponseCode, RecordData } = await aws("TestDNSAnswer", { HostedZoneId, RecordName, RecordType: "A" });
    return ResponseCode === "NOERROR" ? RecordData : ResponseCode;
  };
  const settle = () => clock.advance(1_000);
  return { aws, change, check, answer, failing, settle, clock, route53, HostedZoneId };
}

function plain(address: string, rest: Part): Part {
  return { TTL: 30, ResourceRecords: [{ Value: address }], SetIdentifier: address, ...rest };
}

function alias(balancer: string, rest: Part): Part {
  const AliasTarget = {
    HostedZoneId: "Z18D5FSROUN65G",
    DNSName: `${balancer}.elb.amazonaws.com`,
    EvaluateTargetHealth: true,
  };
  return { AliasTarget, SetIdentifier: balancer, ...rest };
}

describe("groups of records", () => {
  test("a policy needs an identifier, an identifier a policy, and one only", async () => {
    const { change } = await withZone();

    await expect(change({ TTL: 30, ResourceRecords: [{ Value: "192.0.2.1" }], Weight: 1 })).rejects.toMatchObject({
      code: "InvalidInput",
      message:
        "Invalid request: Missing field 'SetIdentifier' in Change with [Action=CREATE, Name=app.example.com, Type=A, SetIdentifier=null]",
    });
    await expect(change(plain("192.0.2.1", {}))).rejects.toThrow("but found none in Change with");
    await expect(change(plain("192.0.2.1", { Weight: 1, Failover: "PRIMARY" }))).rejects.toThrow(
      "but found more than one in Change with",
    );
  });

  test("records of one name and type have one policy", async () => {
    const { change } = await withZone();
    await change(plain("192.0.2.1", { Weight: 1 }));
    const refused = { code: "InvalidChangeBatch" };

    await expect(change(plain("192.0.2.2", { Region: "eu-west-1" }))).rejects.toMatchObject({
      ...refused,
      message:
        "[RRSet with DNS name app.example.com., type A, SetIdentifier 192.0.2.2 cannot be created as a non-latency set exists with the same name and type.]",
    });
    await expect(change({ TTL: 30, ResourceRecords: [{ Value: "192.0.2.2" }] })).rejects.toMatchObject({
      ...refused,
      message:
        "[RRSet with DNS name app.example.com., type A cannot be created as other RRSets exist with the same name and type.]",
    });
    await change({ Name: "one.example.com", TTL: 30, ResourceRecords: [{ Value: "192.0.2.9" }] });
    await expect(change(plain("192.0.2.2", { Name: "one.example.com", Weight: 1 }))).rejects.toMatchObject({
      ...refused,
      message:
        "[RRSet with DNS name one.example.com., type A, SetIdentifier 192.0.2.2 cannot be created as a non-weighted set exists with the same name and type.]",
    });
  });

  test("weighted records have the same TTL", async () => {
    const { change } = await withZone();
    await change(plain("192.0.2.1", { Weight: 1 }));

    await expect(change({ ...plain("192.0.2.2", { Weight: 1 }), TTL: 60 })).rejects.toThrow(
      "SetIdentifier 192.0.2.2 cannot be created as weighted sets must contain the same TTL.",
    );
  });

  test("there is one primary, which needs a check unless it is an alias, and one record a Region", async () => {
    const { change, check } = await withZone();

    await expect(change(plain("192.0.2.1", { Failover: "PRIMARY" }))).rejects.toThrow(
      "A non-alias primary ResourceRecordSet must have an associated health check. No changes made.",
    );
    await change(plain("192.0.2.1", { Failover: "PRIMARY", HealthCheckId: await check("a") }));
    await expect(
      change(plain("192.0.2.2", { Failover: "PRIMARY", HealthCheckId: await check("b") })),
    ).rejects.toMatchObject({ code: "InvalidChangeBatch" });
    await change(plain("192.0.2.3", { Name: "near.example.com", Region: "eu-west-1" }));
    await expect(change(plain("192.0.2.4", { Name: "near.example.com", Region: "eu-west-1" }))).rejects.toMatchObject({
      code: "InvalidChangeBatch",
    });
  });

  test("primary and secondary change places by deletion and creation in one batch", async () => {
    const { change, check, answer } = await withZone();
    const HealthCheckId = await check("a");
    const first = plain("192.0.2.1", { Failover: "PRIMARY", HealthCheckId });
    const second = plain("192.0.2.2", { Failover: "SECONDARY", HealthCheckId });
    await change(first, second);

    await expect(change({ Action: "UPSERT", ...first, Failover: "SECONDARY" })).rejects.toMatchObject({
      code: "InvalidChangeBatch",
    });
    await change(
      { Action: "DELETE", ...first },
      { Action: "DELETE", ...second },
      { ...first, Failover: "SECONDARY" },
      { ...second, Failover: "PRIMARY" },
    );

    expect(await answer()).toEqual(["192.0.2.2"]);
  });

  test("a record with a check that does not exist is refused, and deletion needs the same check", async () => {
    const { change, check } = await withZone();
    const record = plain("192.0.2.1", { Weight: 1, HealthCheckId: await check("a") });

    await expect(change({ ...record, HealthCheckId: "none" })).rejects.toMatchObject({ code: "NoSuchHealthCheck" });
    await change(record);
    await expect(change({ Action: "DELETE", ...plain("192.0.2.1", { Weight: 1 }) })).rejects.toThrow(
      "Tried to delete resource record set [name='app.example.com.', type='A', set-identifier='192.0.2.1'] but the values provided do not match the current values",
    );
    await change({ Action: "DELETE", ...record });
  });

  test("an alias of a record of the zone needs that record", async () => {
    const { change, HostedZoneId } = await withZone();
    const AliasTarget = {
      HostedZoneId: HostedZoneId?.replace("/hostedzone/", ""),
      DNSName: "other.example.com",
      EvaluateTargetHealth: true,
    };

    await expect(change({ AliasTarget })).rejects.toThrow("but that target was not found");
    await change({ Name: "other.example.com", TTL: 30, ResourceRecords: [{ Value: "192.0.2.1" }] });
    await change({ AliasTarget });
  });

  test("a list continues after a record of a group", async () => {
    const { aws, change, HostedZoneId } = await withZone();
    await change(plain("192.0.2.1", { Weight: 1 }), plain("192.0.2.2", { Weight: 2 }));

    const first = await aws("ListResourceRecordSets", { HostedZoneId, MaxItems: 3 });
    expect([first.NextRecordName, first.NextRecordType, first.NextRecordIdentifier]).toEqual([
      "app.example.com.",
      "A",
      "192.0.2.2",
    ]);
    const next = await aws("ListResourceRecordSets", {
      HostedZoneId,
      StartRecordName: first.NextRecordName,
      StartRecordType: first.NextRecordType,
      StartRecordIdentifier: first.NextRecordIdentifier,
    });
    expect(next.ResourceRecordSets).toEqual([
      {
        Name: "app.example.com.",
        Type: "A",
        TTL: 30,
        ResourceRecords: [{ Value: "192.0.2.2" }],
        SetIdentifier: "192.0.2.2",
        Weight: 2,
      },
    ]);
  });
});

describe("answers", () => {
  test("a failover answers with the primary while it is healthy, then with the secondary, and with the primary if neither is", async () => {
    const { change, check, answer, failing, settle } = await withZone();
    await change(
      plain("192.0.2.1", { Failover: "PRIMARY", HealthCheckId: await check("first") }),
      plain("192.0.2.2", { Failover: "SECONDARY", HealthCheckId: await check("second") }),
    );
    expect(await answer()).toEqual(["192.0.2.1"]);

    failing.add("first");
    await settle();
    expect(await answer()).toEqual(["192.0.2.2"]);
    failing.add("second");
    await settle();
    expect(await answer()).toEqual(["192.0.2.1"]);
    failing.clear();
    await settle();
    expect(await answer()).toEqual(["192.0.2.1"]);
  });

  test("an alias that evaluates its target is as healthy as the load balancer, and needs its check as well", async () => {
    const healthyBalancers = ["east", "west"];
    const { change, check, answer, failing, settle } = await withZone({ healthyBalancers });
    await change(alias("east", { Failover: "PRIMARY", HealthCheckId: await check("east") }));
    await change(alias("west", { Failover: "SECONDARY" }));
    expect(await answer()).toEqual(["address of east"]);

    failing.add("east");
    await settle();
    expect(await answer()).toEqual(["address of west"]);
    failing.clear();
    await settle();
    healthyBalancers.shift();
    expect(await answer()).toEqual(["address of west"]);
  });

  test("weights share the traffic; unhealthy records are left out", async () => {
    const chances = [0, 0.24, 0.25, 0.99];
    const { change, check, answer, failing, settle } = await withZone({ chances });
    await change(
      plain("192.0.2.1", { Weight: 1, HealthCheckId: await check("a") }),
      plain("192.0.2.2", { Weight: 3, HealthCheckId: await check("b") }),
    );

    expect([await answer(), await answer(), await answer(), await answer()].flat()).toEqual([
      "192.0.2.1",
      "192.0.2.1",
      "192.0.2.2",
      "192.0.2.2",
    ]);
    failing.add("b");
    await settle();
    chances.push(0.99);
    expect(await answer()).toEqual(["192.0.2.1"]);
  });

  test("a weight of zero gets nothing while another is healthy, and all if no other is", async () => {
    const { change, check, answer, failing, settle } = await withZone({ chances: [0, 0.99, 0.99] });
    await change(
      plain("192.0.2.1", { Weight: 0, HealthCheckId: await check("a") }),
      plain("192.0.2.2", { Weight: 10, HealthCheckId: await check("b") }),
    );
    expect(await answer()).toEqual(["192.0.2.2"]);

    failing.add("b");
    await settle();
    expect(await answer()).toEqual(["192.0.2.1"]);
    failing.add("a");
    await settle();
    expect(await answer()).toEqual(["192.0.2.2"]);
  });

  test("weights of zero alone are all the same", async () => {
    const { change, answer } = await withZone({ chances: [0.1, 0.9] });
    await change(plain("192.0.2.1", { Weight: 0 }), plain("192.0.2.2", { Weight: 0 }));

    expect([await answer(), await answer()].flat()).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  test("latency prefers the resolver's own Region, and the next where that is unhealthy", async () => {
    const { change, check, route53, failing, settle } = await withZone({ region: "eu-west-1" });
    await change(
      plain("192.0.2.1", { Region: "us-west-2", HealthCheckId: await check("us") }),
      plain("192.0.2.2", { Region: "eu-west-1", HealthCheckId: await check("eu") }),
    );
    expect(route53.resolve("app.example.com").values).toEqual(["192.0.2.2"]);

    failing.add("eu");
    await settle();
    expect(route53.resolve("app.example.com").values).toEqual(["192.0.2.1"]);
  });

  test("a record whose check was deleted is not healthy", async () => {
    const { aws, change, check, answer } = await withZone();
    const HealthCheckId = await check("a");
    await change(plain("192.0.2.1", { Failover: "PRIMARY", HealthCheckId }));
    await change(plain("192.0.2.2", { Failover: "SECONDARY" }));

    await aws("DeleteHealthCheck", { HealthCheckId });

    expect(await answer()).toEqual(["192.0.2.2"]);
  });

  test("names that are not there, wildcards, and aliases in the zone", async () => {
    const { change, answer, HostedZoneId } = await withZone();
    await change({ Name: "*.wild.example.com", TTL: 30, ResourceRecords: [{ Value: "192.0.2.7" }] });
    await change({ Name: "plain.example.com", TTL: 30, ResourceRecords: [{ Value: "192.0.2.8" }] });
    await change({
      AliasTarget: {
        HostedZoneId: HostedZoneId?.replace("/hostedzone/", ""),
        DNSName: "plain.example.com",
        EvaluateTargetHealth: false,
      },
    });

    expect(await answer("a.wild.example.com")).toEqual(["192.0.2.7"]);
    expect(await answer("none.example.com")).toBe("NXDOMAIN");
    expect(await answer()).toEqual(["192.0.2.8"]);
  });
});
