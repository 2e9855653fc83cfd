import { expect, test } from "vitest";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { createRoute53 } from "./route53.ts";

async function withZone() {
  const clock = new VirtualClock();
  const route53 = createRoute53(recordingContext(clock));
  const aws = client(route53.handlers);
  const { HostedZone } = await aws("CreateHostedZone", { Name: "example.com", CallerReference: "1" });
  const HostedZoneId = HostedZone?.Id;
  const change = (Action: "CREATE" | "UPSERT" | "DELETE", Name: string, address = "10.0.0.1") =>
    aws("ChangeResourceRecordSets", {
      HostedZoneId,
      ChangeBatch: {
        Changes: [{ Action, ResourceRecordSet: { Name, Type: "A", TTL: 60, ResourceRecords: [{ Value: address }] } }],
      },
    });
  const records = async () =>
    (await aws("ListResourceRecordSets", { HostedZoneId })).ResourceRecordSets?.map(
      (each) =>
        `${each.Name} ${each.Type} ${each.ResourceRecords?.map(({ Value }) => Value) ?? each.AliasTarget?.DNSName}`,
    );
  return { aws, clock, change, records, HostedZoneId };
}

test("a record is created, changed and deleted, and a change is pending before it is in sync", async () => {
  const { aws, clock, change, records } = await withZone();

  const { ChangeInfo } = await change("CREATE", "api.demo.example.com");
  const status = async () => (await aws("GetChange", { Id: ChangeInfo?.Id })).ChangeInfo?.Status;
  expect(await status()).toBe("PENDING");
  await clock.advance(600);
  expect(await status()).toBe("INSYNC");
  await change("UPSERT", "api.demo.example.com.", "10.0.0.2");
  expect(await records()).toContain("api.demo.example.com. A 10.0.0.2");
  await change("DELETE", "API.demo.example.com", "10.0.0.2");

  expect(await records()).toHaveLength(2);
});

test("a batch that cannot be made changes nothing and says why", async () => {
  const { aws, change, records, HostedZoneId } = await withZone();
  await change("CREATE", "a.example.com");
  const set = (Name: string) => ({
    Name,
    Type: "A" as const,
    TTL: 60,
    ResourceRecords: [{ Value: "10.0.0.1" }],
  });

  const batch = aws("ChangeResourceRecordSets", {
    HostedZoneId,
    ChangeBatch: {
      Changes: [
        { Action: "CREATE", ResourceRecordSet: set("new.example.com") },
        { Action: "CREATE", ResourceRecordSet: set("a.example.com") },
        { Action: "DELETE", ResourceRecordSet: set("gone.example.com") },
        { Action: "CREATE", ResourceRecordSet: set("a.example.org") },
      ],
    },
  });

  await expect(batch).rejects.toMatchObject({
    code: "InvalidChangeBatch",
    message:
      "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists, Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found, RRSet with DNS name a.example.org. is not permitted in zone example.com.]",
  });
  expect(await records()).toHaveLength(3);
});

test("a CNAME stands alone: neither is it made beside others, nor others beside it, nor one at the apex", async () => {
  const { aws, change, HostedZoneId } = await withZone();
  await change("CREATE", "a.example.com");
  const cname = (Action: "CREATE" | "UPSERT", Name: string) =>
    aws("ChangeResourceRecordSets", {
      HostedZoneId,
      ChangeBatch: {
        Changes: [
          {
            Action,
            ResourceRecordSet: { Name, Type: "CNAME", TTL: 60, ResourceRecords: [{ Value: "b.example.com" }] },
          },
        ],
      },
    });
  await cname("CREATE", "c.example.com");

  const refused = { code: "InvalidChangeBatch" };
  await expect(cname("UPSERT", "a.example.com")).rejects.toMatchObject({
    ...refused,
    message:
      "[RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]",
  });
  await expect(change("UPSERT", "c.example.com")).rejects.toMatchObject({
    ...refused,
    message:
      "[RRSet of type A with DNS name c.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.]",
  });
  await expect(cname("CREATE", "example.com")).rejects.toMatchObject({
    ...refused,
    message: "[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]",
  });
});

test("a record is deleted only by its current values", async () => {
  const { change } = await withZone();
  await change("CREATE", "a.example.com", "10.0.0.1");

  await expect(change("DELETE", "a.example.com", "10.0.0.2")).rejects.toThrow(
    "but the values provided do not match the current values",
  );
});

test("an alias points at a load balancer", async () => {
  const { aws, records, HostedZoneId } = await withZone();
  const AliasTarget = { HostedZoneId: "Z18D5FSROUN65G", DNSName: "lb.elb.amazonaws.com", EvaluateTargetHealth: false };

  await aws("ChangeResourceRecordSets", {
    HostedZoneId,
    ChangeBatch: {
      Changes: [{ Action: "UPSERT", ResourceRecordSet: { Name: "api.example.com", Type: "A", AliasTarget } }],
    },
  });

  expect(await records()).toContain("api.example.com. A lb.elb.amazonaws.com.");
});

test("a zone with records is not deleted, an empty one is", async () => {
  const { aws, change, HostedZoneId } = await withZone();
  await change("CREATE", "a.example.com");

  await expect(aws("DeleteHostedZone", { Id: HostedZoneId })).rejects.toMatchObject({ code: "HostedZoneNotEmpty" });
  await change("DELETE", "a.example.com");
  await aws("DeleteHostedZone", { Id: HostedZoneId });

  await expect(aws("GetHostedZone", { Id: HostedZoneId })).rejects.toMatchObject({ code: "NoSuchHostedZone" });
});

test("zones are listed by name from a name on, and a caller reference makes one zone only", async () => {
  const { aws } = await withZone();
  await aws("CreateHostedZone", {
    Name: "b.example.com",
    CallerReference: "2",
    VPC: { VPCId: "vpc-1", VPCRegion: "us-west-2" },
  });

  const { HostedZones } = await aws("ListHostedZonesByName", { DNSName: "b.example.com" });

  expect(HostedZones?.map(({ Name, Config }) => `${Name} ${Config?.PrivateZone}`)).toEqual(["b.example.com. true"]);
  await expect(aws("CreateHostedZone", { Name: "c.com", CallerReference: "2" })).rejects.toMatchObject({
    code: "HostedZoneAlreadyExists",
  });
});

test("a zone has tags", async () => {
  const { aws, HostedZoneId } = await withZone();
  const resource = { ResourceType: "hostedzone", ResourceId: HostedZoneId } as const;

  await aws("ChangeTagsForResource", {
    ...resource,
    AddTags: [
      { Key: "cluster", Value: "demo" },
      { Key: "x", Value: "y" },
    ],
  });
  await aws("ChangeTagsForResource", { ...resource, RemoveTagKeys: ["x"] });

  expect((await aws("ListTagsForResource", resource)).ResourceTagSet?.Tags).toEqual([
    { Key: "cluster", Value: "demo" },
  ]);
});
