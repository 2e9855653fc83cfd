import { CreateVolumeCommand, type CreateVolumeCommandInput, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kubernetesTag, masterRoleName, type Owner, ownerTags } from "../../functions/domain/cluster/naming.ts";
import { ownerOf } from "../../functions/domain/cluster/records.ts";
import { findCluster } from "../../functions/store/clusters.ts";
import { CDK_OUT } from "../support/build-product.ts";
import { type Account, openAccount } from "../support/permissions/account.ts";
import { foundByReconcile, memberOf, remove, replaced, ZONES } from "../support/permissions/flows/flow.ts";

let account: Account;
beforeAll(async () => {
  account = await openAccount(CDK_OUT, console.log);
});
afterAll(async () => {
  await account[Symbol.asyncDispose]();
});

function specOf(name: string, more: object = {}) {
  return {
    name,
    zones: ZONES.slice(0, 1),
    masterZones: ZONES.slice(0, 1),
    nodeCount: 0,
    ...more,
  };
}

function create(name: string, more: object = {}) {
  return account.ask("POST", "/clusters", { spec: specOf(name, more) });
}

/** The owner of a cluster whose creation has begun: what an attacker reads from tags. */
async function owner(name: string): Promise<Owner> {
  const cluster = await findCluster(account.table, name);
  if (!cluster) throw new Error(`there is no cluster ${name}`);
  return ownerOf(cluster);
}

function toTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Name and message of what the creation ended with. */
async function failure(name: string): Promise<{ name: string; message: string }> {
  await account.untilStatus(name, "FAILED");
  const { body } = await account.ask("GET", `/clusters/${name}/operations`);
  return Object(body).items[0].error;
}

/** What a plan and a creation say: status, flag and message of the first problem. */
async function refusals(name: string, more: object = {}) {
  const answers = [await account.ask("POST", "/plan", { spec: specOf(name, more) }), await create(name, more)];
  return answers.map(({ status, body }) => {
    const [problem] = Object(body).problems ?? [];
    return { status, flag: problem?.flag, message: problem?.message };
  });
}

async function volume(tags: Readonly<Record<string, string>>, more: Partial<CreateVolumeCommandInput> = {}) {
  const TagSpecifications = [{ ResourceType: "volume" as const, Tags: toTags(tags) }];
  const made = await account.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 20,
      VolumeType: "gp3",
      TagSpecifications,
      ...more,
    }),
  );
  return made.VolumeId ?? "";
}

async function findVolume(id: string) {
  const { Volumes = [] } = await account.ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values: [id] }] }),
  );
  return Volumes[0];
}

async function valueAt(Name: string) {
  return (await account.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
}

test("M1: authorities that somebody planted before a creation refuse it, and are not overwritten", async () => {
  const Name = "/holdfast/planted.example.com/control/authorities";
  await account.ssm.send(new PutParameterCommand({ Name, Value: "planted", Type: "String" }));

  const [plan, creation] = await refusals("planted.example.com");

  expect(plan).toEqual(creation);
  expect(creation).toMatchObject({ status: 422, flag: "NAME" });
  expect(creation?.message).toContain(Name);
  expect(await valueAt(Name)).toBe("planted");
  await account.ssm.send(new DeleteParameterCommand({ Name }));
});

test.each([
  { kind: "String", says: "its type is String instead of SecureString" },
  { kind: "SecureString", says: "its key is alias/aws/ssm instead of alias/holdfast" },
] as const)(
  "M1: authorities of type $kind put during a creation, with forged tags, are not adopted",
  async ({ kind, says }) => {
    const name = `${kind.toLowerCase()}.example.com`;
    const Name = `/holdfast/${name}/control/authorities`;
    account.beforeCall("issuepki", "PutParameter", async () => {
      const Tags = toTags(ownerTags(await owner(name), "parameter/authorities"));
      await account.ssm.send(new PutParameterCommand({ Name, Value: "planted", Type: kind, Tags }));
    });

    await create(name);
    const error = await failure(name);

    expect(error).toMatchObject({ name: "OwnershipConflict" });
    expect(error.message).toContain(Name);
    expect(error.message).toContain(says);
    await remove(account, name);
  },
);

test("M1: planted files of masters are not adopted, with a valid key and other tags", async () => {
  const name = "shared.example.com";
  const Name = `/holdfast/${name}/masters/shared`;
  account.beforeCall("issuepki", "PutParameter", async () => {
    const Value = "### /etc/cron.d/holdfast 0644\n* * * * * root true\n";
    await account.ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString", KeyId: "alias/holdfast" }));
  });

  await create(name);
  const error = await failure(name);

  expect(error).toMatchObject({ name: "OwnershipConflict" });
  expect(error.message).toContain(`${Name} is there already`);
  expect(error.message).toContain("it has no tag holdfast:uid");
  await remove(account, name);
});

test("M2: a volume with forged tags that is not encrypted is not adopted by a creation", async () => {
  const name = "volumes.example.com";
  let planted = "";
  account.beforeCall("preparemember", "CreateVolume", async () => {
    planted = await volume({ ...ownerTags(await owner(name), "volume/a"), "holdfast:member": "a" });
  });
  await account.fault({
    kind: "lambda",
    action: "crash-before-call",
    function: "preparemember",
    operation: "CreateVolume",
    count: 1,
  });

  await create(name);
  const error = await failure(name);

  expect(error).toMatchObject({ name: "OwnershipConflict" });
  expect(error.message).toContain(`volume ${planted} is there already`);
  expect(error.message).toContain("it is not encrypted");
  await remove(account, name);
});

test("M2: a member that is renewed gets a volume of its own, whatever was tagged as its next one", async () => {
  const name = "renewed.example.com";
  await create(name, { zones: ZONES, masterZones: ZONES });
  await account.untilStatus(name, "ACTIVE");
  const before = await memberOf(account, name, "c");
  const forged = { ...ownerTags(await owner(name), "volume/c/2"), "holdfast:member": "c" };
  const planted = await volume(forged, { AvailabilityZone: "us-west-2c" });

  await account.fault({ kind: "volume", action: "lose", volumeId: before.volumeId });
  foundByReconcile(account, name, "a volume is lost");
  await replaced(account, name, "c", before.instanceId);

  const { volumeId } = await memberOf(account, name, "c");
  expect(volumeId).not.toBe(planted);
  expect(await findVolume(volumeId)).toMatchObject({ Encrypted: true, State: "in-use" });
  await remove(account, name);
});

test("M3: a name that a cluster of another tool has is refused, with two of its resources", async () => {
  const name = "legacy.example.com";
  const data = await volume({ [kubernetesTag(name)]: "owned" });
  const logs = await volume({ [kubernetesTag(name)]: "shared" });
  const more = await volume({ [kubernetesTag(name)]: "owned" });

  const [plan, creation] = await refusals(name);

  expect(plan).toEqual(creation);
  expect(creation).toMatchObject({ status: 422, flag: "NAME" });
  expect(creation?.message).toMatch(/kops, EKS or another tool/);
  expect([data, logs, more].filter((id) => creation?.message.includes(id))).toHaveLength(2);
  expect(await findVolume(data)).toMatchObject({ State: "available" });
});

test("M3: the flow looks once more, for what came after the request was accepted", async () => {
  const name = "sudden.example.com";
  account.beforeCall(
    "validateaccount",
    "DescribeTags",
    async () => void (await volume({ [kubernetesTag(name)]: "owned" })),
  );

  await create(name);
  const error = await failure(name);

  expect(error).toMatchObject({ name: "SpecRejected" });
  await remove(account, name);
});

test("M3: what another cluster of Holdfast of that name has left is reported, with how it is removed", async () => {
  const name = "left.example.com";
  const left = await volume(ownerTags({ cluster: name, uid: "01former", labels: {} }, "volume/a"));

  const [plan, creation] = await refusals(name);

  expect(plan).toEqual(creation);
  expect(creation).toMatchObject({ status: 422, flag: "NAME" });
  expect(creation?.message).toContain(left);
  expect(creation?.message).toContain(`holdfast delete cluster ${name}`);
});

test("a name may be used again at once after its cluster was deleted, though EC2 still shows its instances", async () => {
  const name = "again.example.com";
  await create(name);
  await account.untilStatus(name, "ACTIVE");
  await remove(account, name);

  expect(await create(name)).toMatchObject({ status: 202 });
  await account.untilStatus(name, "ACTIVE");
  await remove(account, name);
});

let zoneId = "";
function change(Action: "CREATE" | "DELETE", ResourceRecordSet: ResourceRecordSet) {
  return account.route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
    }),
  );
}

async function recordsOf(name: string) {
  const { ResourceRecordSets = [] } = await account.route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }),
  );
  return ResourceRecordSets.filter(({ Name }) => Name === `${name}.`);
}

test.each([
  { Type: "A", Value: "203.0.113.10" },
  { Type: "AAAA", Value: "2001:db8::1" },
  { Type: "CNAME", Value: "www.example.org" },
] as const)("M4: a name in DNS that is a $Type record of somebody's is refused, and stays", async ({ Type, Value }) => {
  zoneId ||=
    (await account.route53.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "1" }))).HostedZone
      ?.Id ?? "";
  const name = `dns-${Type.toLowerCase()}.example.com`;
  const record = { Name: `api.${name}`, Type, TTL: 60, ResourceRecords: [{ Value }] };
  await change("CREATE", record);

  const [plan, creation] = await refusals(name, { dnsZone: "example.com" });

  expect(plan).toEqual(creation);
  expect(creation).toMatchObject({ status: 422, flag: "--dns-zone" });
  expect(creation?.message).toContain(`api.${name}`);
  expect(creation?.message).toContain(`${Type} ${Value}`);
  expect(await recordsOf(`api.${name}`)).toMatchObject([{ Type, ResourceRecords: [{ Value }] }]);
  await change("DELETE", record);
});

test.each([
  { Type: "A", Value: "203.0.113.10" },
  { Type: "CNAME", Value: "www.example.org" },
] as const)(
  "M4: a $Type record that comes during the creation is neither overwritten nor deleted",
  async ({ Type, Value }) => {
    const name = `late-${Type.toLowerCase()}.example.com`;
    account.beforeCall("createendpoint", "ChangeResourceRecordSets", async () => {
      await change("CREATE", { Name: `api.${name}`, Type, TTL: 60, ResourceRecords: [{ Value }] });
    });

    await create(name, { dnsZone: "example.com" });
    const error = await failure(name);
    await remove(account, name);

    expect(error).toMatchObject({ name: "OwnershipConflict" });
    expect(error.message).toContain(`api.${name}`);
    expect(await recordsOf(`api.${name}`)).toMatchObject([{ Type, ResourceRecords: [{ Value }] }]);
  },
);

test.each([{ Path: "/holdfast/" }, { Path: "/" }])(
  "a role of a master's name, planted in $Path without the boundary, gets no permissions",
  async ({ Path }) => {
    const name = `roles${Path.length}.example.com`;
    let planted = "";
    account.beforeCall("createidentity", "CreateRole", async () => {
      planted = masterRoleName(await owner(name), "a");
      const trust = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sts:AssumeRole" };
      const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
      const Tags = toTags(ownerTags(await owner(name), "role/master-a"));
      await account.iam.send(new CreateRoleCommand({ RoleName: planted, Path, AssumeRolePolicyDocument, Tags }));
    });

    await create(name);
    const error = await failure(name);

    expect(error).toMatchObject({ name: "OwnershipConflict" });
    expect(error.message).toContain(`role ${planted} is there already`);
    const { PolicyNames } = await account.iam.send(new ListRolePoliciesCommand({ RoleName: planted }));
    expect(PolicyNames).toEqual([]);
  },
);
