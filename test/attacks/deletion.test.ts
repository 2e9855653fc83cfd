import {
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DeleteSecurityGroupCommand,
  DescribeVpcsCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attackFamily, familiesOf } from "../support/neighbour-families.ts";
import { type Neighbourhood, openNeighbourhood } from "../support/neighbours.ts";

/** Roles have the first 38 characters of a cluster's name in their own: these two begin alike for longer. */
const LONG = "customer-portal-production.eu.example.com";
const TWIN = "customer-portal-production.eu.example.dev.example.com";
const CI = "ci.dev.example.com";
const CI_2 = `${CI}-2.example.com`;
const ATTACKER = "a.dev.example.com";
const FORGED = "x.dev.example.com";

let account: Neighbourhood;
beforeAll(async () => {
  account = await openNeighbourhood();
  await Promise.all([LONG, CI, CI_2, ATTACKER].map((name) => account.create(name)));
});
afterAll(async () => {
  await account[Symbol.asyncDispose]();
});

/** Everything that these clusters have is there before and after, ids and all, and they are healthy. */
async function untouched(names: readonly string[], act: () => Promise<void>): Promise<void> {
  const before = await Promise.all(names.map((name) => account.thingsOf(name)));
  await act();
  const after = await Promise.all(names.map((name) => account.thingsOf(name)));
  expect(after).toEqual(before);
  for (const name of names) await account.untilStatus(name, "ACTIVE");
}

async function uidOf(name: string): Promise<string> {
  const found = (await account.resources()).find(({ kind, cluster }) => kind === "vpc" && cluster === name);
  return found?.uid ?? "";
}

async function vpcOf(name: string): Promise<string> {
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [name] }];
  const { Vpcs = [] } = await account.ec2.send(new DescribeVpcsCommand({ Filters }));
  return Vpcs[0]?.VpcId ?? "";
}

/** A group in the attacker's own network that carries other clusters' tags. */
async function forge(by: EC2Client, tags: { readonly cluster: string; readonly uid: string }): Promise<string> {
  const Tags = [
    { Key: `kubernetes.io/cluster/${ATTACKER}`, Value: "owned" },
    { Key: "holdfast:cluster", Value: tags.cluster },
    { Key: "holdfast:uid", Value: tags.uid },
  ];
  const GroupName = `k8s-elb-${tags.cluster}-${tags.uid}`;
  const { GroupId = "" } = await by.send(
    new CreateSecurityGroupCommand({
      VpcId: await vpcOf(ATTACKER),
      GroupName,
      Description: "for Kubernetes",
      TagSpecifications: [{ ResourceType: "security-group", Tags }],
    }),
  );
  return GroupId;
}

test("C1: a name deleted twice and three times leaves alone the cluster whose name begins with it", async () => {
  await untouched([CI_2, LONG], async () => {
    expect(await account.remove("admin", CI)).toBe(202);

    expect(await account.remove("admin", CI)).toBe(404);
    expect(await account.remove("admin", CI)).toBe(404);

    expect(await account.thingsOf(CI)).toEqual([]);
    expect((await account.ask("viewer", "GET", `/clusters/${CI}/resources`)).status).toBe(404);
  });
});

test("C1: a name that was never there deletes nothing that shares its first 38 characters, and shows nothing of it", async () => {
  await untouched([LONG], async () => {
    expect((await account.ask("viewer", "GET", `/clusters/${TWIN}/resources`)).status).toBe(404);
    expect(await account.remove("admin", TWIN)).toBe(404);
    expect(await account.remove("admin", TWIN)).toBe(404);
    expect(await account.remove("admin", LONG)).toBe(404);
  });
});

test("C2: a forged owner tag deletes nothing: 409 names the forged thing and the reason, and nothing of the victim", async () => {
  const victim = await uidOf(LONG);
  await untouched([LONG, CI_2], async () => {
    const group = await forge(account.ec2, { cluster: FORGED, uid: victim });

    const refused = await account.ask("admin", "DELETE", `/clusters/${FORGED}`);
    const seen = await account.ask("viewer", "GET", `/clusters/${FORGED}/resources`);

    const problem = {
      type: "https://holdfast.dev/problems/ownership-conflict",
      status: 409,
      detail: `security group ${group} is left alone: its tag holdfast:uid belongs to something that does not name this cluster`,
    };
    expect(refused).toMatchObject({ status: 409, body: problem });
    expect(seen).toMatchObject({ status: 409, body: problem });
    expect((await account.ask("admin", "GET", `/clusters/${FORGED}`)).status).toBe(404);
    await account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
    expect(await account.remove("admin", FORGED)).toBe(404);
  });
});

test("C2: the role of a master of another cluster comes no further than that", async () => {
  const victim = await uidOf(LONG);
  await untouched([LONG], async () => {
    const master = await account.masterOf(ATTACKER);
    // With owners' tags denied to instance roles, nothing is forged: either way there is nothing to delete by.
    const group = await forge(master, { cluster: FORGED, uid: victim }).catch((error: unknown) => {
      expect(error).toMatchObject({ name: "UnauthorizedOperation" });
    });

    expect(await account.remove("admin", FORGED)).toBe(group === undefined ? 404 : 409);

    if (group !== undefined) await account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
  });
});

test("C2: the uid of a cluster on record, DELETED or not, is no other name's", async () => {
  const deleted = await account.uidOnRecord(CI);
  const group = await forge(account.ec2, { cluster: FORGED, uid: deleted });

  expect(await account.remove("admin", FORGED)).toBe(409);

  await account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
});

test("what is left under a second uid of one name is still removed, where all of it names the cluster", async () => {
  const group = await forge(account.ec2, { cluster: CI, uid: "01kb0v3j6z8f6c3w9m2n4p5q7r" });

  expect(await account.remove("admin", CI)).toBe(202);

  expect((await account.resources()).some(({ id }) => id === group)).toBe(false);
  expect(await account.remove("admin", CI)).toBe(404);
});

test("C2: what carries a cluster's uid and another's name is left alone by the cluster's own deletion, and said", async () => {
  const group = await forge(account.ec2, { cluster: FORGED, uid: await uidOf(CI_2) });

  const preview = await account.ask("root", "GET", `/clusters/${CI_2}/resources`);

  expect(preview).toMatchObject({
    status: 200,
    body: {
      kept: expect.arrayContaining([
        { what: `security group ${group}`, why: "its tag holdfast:cluster does not name this cluster" },
      ]),
      blockers: [],
    },
  });
  expect(JSON.stringify(preview.body)).not.toContain(FORGED);
  await untouched([LONG, ATTACKER], async () => {
    expect(await account.remove("root", CI_2)).toBe(202);
  });
  expect(await account.thingsOf(CI_2)).toEqual([]);
  expect((await account.resources()).some(({ id }) => id === group)).toBe(true);
  await account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
});

test("C1: of eight random pairs of names that are alike, deleting one leaves the other untouched", async () => {
  const [family] = familiesOf(1, 7);

  expect(family && (await attackFamily(account, family))).toEqual([]);
});

test("M3: volumes of a kops or EKS cluster of that name stay; those that the cluster's driver made go", async () => {
  const uid = await uidOf(ATTACKER);
  const volume = async (tags: Readonly<Record<string, string>>): Promise<string> => {
    const all = { [`kubernetes.io/cluster/${ATTACKER}`]: "owned", ...tags };
    const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
    const { VolumeId = "" } = await account.ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: "us-west-2a",
        Size: 1,
        TagSpecifications: [{ ResourceType: "volume", Tags }],
      }),
    );
    return VolumeId;
  };
  const driver = { "ebs.csi.aws.com/cluster": "true" };
  const ofOthers = [await volume({}), await volume(driver), await volume({ "holdfast.dev/cluster-uid": uid })];
  const own = await volume({ ...driver, "holdfast.dev/cluster-uid": uid });

  const preview = await account.ask("root", "GET", `/clusters/${ATTACKER}/resources`);
  expect(await account.remove("root", ATTACKER)).toBe(202);

  expect(preview.body).toMatchObject({ removed: expect.arrayContaining([expect.objectContaining({ id: own })]) });
  const left = (await account.resources()).map(({ id }) => id);
  expect(ofOthers.map((id) => left.includes(id))).toEqual([true, true, true]);
  expect(left).not.toContain(own);
});
