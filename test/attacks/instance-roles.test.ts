import {
  AttachNetworkInterfaceCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
} from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetParameterCommand, GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attackerIn, byTags, DENIED, interfaceOf, kubernetes, tag, uidOf } from "../support/attacker.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const PODS = "pods.example.com";
const ROUTES = "routes.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
let attacker: ReturnType<typeof attackerIn>;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  attacker = attackerIn(scenario);
  const create = (name: string, ...flags: string[]) =>
    scenario.holdfast("create", "cluster", "--zones", ZONES, ...flags, "--node-count", "1", name, "--yes", "--wait");
  const made = await Promise.all([
    create(PODS, "--master-zones", ZONES, "--networking", "amazonvpc"),
    create(ROUTES, "--master-zones", "us-west-2a", "--networking", "kindnet"),
  ]);
  expect(made.map(({ code, stderr }) => (code === 0 ? "" : stderr))).toEqual(["", ""]);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

type Tag = ReturnType<typeof tag>;

test("C2: a master makes no security group that carries another cluster's uid, in whatever case", async () => {
  const { ec2, instance } = await attacker.hostOf(PODS, "master-a");
  const victim = uidOf(await attacker.instanceOf(ROUTES, "master-a"));
  const create = (GroupName: string, ...Tags: Tag[]) =>
    ec2.send(
      new CreateSecurityGroupCommand({
        VpcId: instance.VpcId,
        GroupName,
        Description: GroupName,
        TagSpecifications: [{ ResourceType: "security-group", Tags: [kubernetes(PODS), ...Tags] }],
      }),
    );

  for (const forged of [tag("holdfast:uid", victim), tag("Holdfast:UID", victim), tag("holdfast:cluster", ROUTES)])
    await expect(create("forged", forged)).rejects.toMatchObject(DENIED);
  const { GroupId = "" } = await create("own");
  const later = new CreateTagsCommand({ Resources: [GroupId], Tags: [tag("holdfast:uid", victim)] });
  await expect(ec2.send(later)).rejects.toMatchObject(DENIED);
});

test("M2: a master makes no volume that another cluster would adopt", async () => {
  const { ec2, instance } = await attacker.hostOf(PODS, "master-a");
  const create = (...Tags: Tag[]) => {
    const own = [kubernetes(PODS), tag("ebs.csi.aws.com/cluster", "true")];
    const TagSpecifications = [{ ResourceType: "volume" as const, Tags: [...own, ...Tags] }];
    const AvailabilityZone = instance.Placement?.AvailabilityZone;
    return ec2.send(new CreateVolumeCommand({ AvailabilityZone, Size: 1, TagSpecifications }));
  };

  await expect(create(tag("holdfast:uid", "any"))).rejects.toMatchObject(DENIED);
  await expect(create(tag("holdfast:member", "a"))).rejects.toMatchObject(DENIED);
  expect((await create()).VolumeId).toMatch(/^vol-/);
});

test("M6: a master takes no member's volume, though it carries the EBS driver's tag", async () => {
  const { ec2, id } = await attacker.hostOf(PODS, "master-a");
  const Filters = byTags(["holdfast:cluster", PODS], ["holdfast:resource", "volume/a"]);
  const { Volumes = [] } = await scenario.ec2.send(new DescribeVolumesCommand({ Filters }));
  const VolumeId = Volumes[0]?.VolumeId ?? "";
  const Tags = [tag("ebs.csi.aws.com/cluster", "true")];
  await scenario.ec2.send(new CreateTagsCommand({ Resources: [VolumeId], Tags }));

  const detach = ec2.send(new DetachVolumeCommand({ VolumeId, InstanceId: id, Force: true }));
  await expect(detach).rejects.toMatchObject(DENIED);
  await expect(ec2.send(new DeleteVolumeCommand({ VolumeId }))).rejects.toMatchObject(DENIED);
});

test("M6: a master that writes routes decides nothing about what becomes of members' volumes", async () => {
  const { ec2, id, roleArn, instance } = await attacker.hostOf(ROUTES, "master-a");
  const BlockDeviceMappings = [{ DeviceName: "/dev/xvdf", Ebs: { DeleteOnTermination: true } }];

  const end = ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, BlockDeviceMappings }));
  await expect(end).rejects.toMatchObject(DENIED);
  const resource = attacker.arn("ec2", `instance/${id}`);
  const context = {
    "ec2:SourceInstanceARN": resource,
    "ec2:Attribute/SourceDestCheck": "false",
    "aws:ResourceTag/holdfast:uid": uidOf(instance),
    [`aws:ResourceTag/kubernetes.io/cluster/${ROUTES}`]: "owned",
  };
  expect(attacker.decisionOn({ roleArn }, { action: "ec2:ModifyInstanceAttribute", resource, context })).toBe("allow");
});

test("H4: a node joins no masters' group, and touches no master's interface", async () => {
  const node = await attacker.hostOf(PODS, "node");
  const ofMaster = interfaceOf(await attacker.instanceOf(PODS, "master-a"));
  const [masters, nodes] = [await attacker.groupOf(PODS, "masters"), await attacker.groupOf(PODS, "nodes")];
  const modify = (NetworkInterfaceId: string, ...Groups: string[]) =>
    node.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));

  await expect(modify(node.interfaceId, nodes, masters)).rejects.toMatchObject(DENIED);
  await expect(modify(ofMaster, nodes)).rejects.toMatchObject(DENIED);
  const attachment = { NetworkInterfaceId: ofMaster, InstanceId: node.id, DeviceIndex: 1 };
  await expect(node.ec2.send(new AttachNetworkInterfaceCommand(attachment))).rejects.toMatchObject(DENIED);
  await modify(node.interfaceId, nodes);
});

test("H4: what runs on a master takes no member's interface out of its group", async () => {
  const { ec2, interfaceId } = await attacker.hostOf(PODS, "master-a");
  const other = interfaceOf(await attacker.instanceOf(PODS, "master-b"));
  const Groups = [await attacker.groupOf(PODS, "masters")];

  for (const NetworkInterfaceId of [interfaceId, other]) {
    const modify = new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups });
    await expect(ec2.send(modify)).rejects.toMatchObject(DENIED);
  }
});

test("L5: a node asks nothing of EC2, unless its pods get addresses of the VPC", async () => {
  const { ec2 } = await attacker.hostOf(ROUTES, "node");

  await expect(ec2.send(new DescribeInstancesCommand())).rejects.toMatchObject(DENIED);
});

test("L6: a master reads what masters share and its own member's keys, and no other member's", async () => {
  const { ssm } = await attacker.hostOf(PODS, "master-a");
  const read = (...names: string[]) => {
    const Names = names.map((name) => `/holdfast/${PODS}/masters/${name}`);
    return ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
  };

  expect((await read("shared", "a", "a-volume")).Parameters?.length).toBe(3);
  await expect(read("b")).rejects.toMatchObject(DENIED);
  await expect(read("a", "c-volume")).rejects.toMatchObject(DENIED);
});

test("L7: a master opens the nodes' group, and not the masters'", async () => {
  const { ec2 } = await attacker.hostOf(PODS, "master-a");
  const IpPermissions = [{ IpProtocol: "tcp", FromPort: 2379, ToPort: 2379, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  const open = async (kind: string) => {
    const GroupId = await attacker.groupOf(PODS, kind);
    return ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  };

  await expect(open("masters")).rejects.toMatchObject(DENIED);
  await open("nodes");
});

test("L9: the role that removes what Kubernetes made deletes no member's volume, whatever its session says", () => {
  const sessionPolicy = '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
  const principal = { roleArn: attacker.roleOf("Workloads"), sessionPolicy };
  const volume = { action: "ec2:DeleteVolume", resource: attacker.arn("ec2", "volume/vol-1") };
  const tagged = (key: string) =>
    attacker.decisionOn(principal, { ...volume, context: { [`aws:ResourceTag/${key}`]: "owned" } });

  expect(tagged("holdfast:uid")).toBe("noStatement");
  expect(tagged(`kubernetes.io/cluster/${PODS}`)).toBe("allow");
});

/**
 * A role as whoever controls `create-identity` can make it: with the boundary, trusted by whom he likes, with all
 * permissions.
 */
async function makeEvilRole(): Promise<string> {
  const iam = new IAMClient(attacker.clientOf(attacker.roleOf("createidentity"), "create-identity"));
  const Trust = { Statement: [{ Effect: "Allow", Principal: { AWS: "999999999999" }, Action: "sts:AssumeRole" }] };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "evil",
      Path: "/holdfast/",
      PermissionsBoundary: Object.keys(scenario.cloud.services.iam.snapshot().policies)[0],
      AssumeRolePolicyDocument: JSON.stringify(Trust),
    }),
  );
  const PolicyDocument = '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
  await iam.send(new PutRolePolicyCommand({ RoleName: "evil", PolicyName: "all", PolicyDocument }));
  return Role?.Arn ?? "";
}

test("H2: the permission to make roles is no way to secrets or commands", async () => {
  const roleArn = await makeEvilRole();
  const host = { "ec2:SourceInstanceARN": attacker.arn("ec2", "instance/i-0123456789abcdef0") };
  const ask = (action: string, resource: string, context: Record<string, string> = host) =>
    attacker.decisionOn({ roleArn }, { action, resource, context });
  const parameter = (path: string) => attacker.arn("ssm", `parameter/holdfast/${PODS}/${path}`);

  const Name = `/holdfast/${PODS}/control/authorities`;
  const read = new SSMClient(attacker.clientOf(roleArn, "attacker")).send(
    new GetParameterCommand({ Name, WithDecryption: true }),
  );
  await expect(read).rejects.toMatchObject(DENIED);
  // Not even what instances may read, for whoever is no instance.
  expect(ask("ssm:GetParameters", parameter("masters/shared"), {})).toBe("explicitDeny");
  expect(ask("ssm:GetParameters", parameter("masters/shared"))).toBe("allow");
  expect(ask("ssm:GetParameter", parameter("control/authorities"))).toBe("outsideBoundary");
  for (const action of ["dynamodb:PutItem", "kms:Decrypt", "iam:CreateUser", "ec2:RunInstances", "ecr:BatchGetImage"])
    expect([action, ask(action, "*")]).toEqual([action, "outsideBoundary"]);
  const commands = ["CreateAssociation", "CreateAssociationBatch", "UpdateDocument", "UpdateDocumentDefaultVersion"];
  for (const command of [...commands, "StartAutomationExecution", "StartSession", "ResumeSession", "SendCommand"])
    expect([command, ask(`ssm:${command}`, "*")]).toEqual([command, "explicitDeny"]);
});

test("a cloud controller makes a load balancer for a service and removes it, and touches no other", async () => {
  const { elb: own, instance } = await attacker.hostOf(PODS, "master-a");
  const Tags = [kubernetes(PODS), tag("kubernetes.io/service-name", "default/web")];
  const network = { Type: "network" as const, Subnets: [instance.SubnetId ?? ""] };
  const balancer = await own.send(new elb.CreateLoadBalancerCommand({ Name: "web", ...network, Tags }));
  const LoadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn ?? "";
  const port = { Protocol: "TCP", Port: 30_080, VpcId: instance.VpcId } as const;
  const group = await own.send(new elb.CreateTargetGroupCommand({ Name: "web", ...port, Tags }));
  const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? "";
  const listen = (to: string) => {
    const DefaultActions = [{ Type: "forward" as const, TargetGroupArn }];
    return own.send(
      new elb.CreateListenerCommand({ LoadBalancerArn: to, Protocol: "TCP", Port: 80, DefaultActions, Tags }),
    );
  };
  const listener = await listen(LoadBalancerArn);
  const Targets = [{ Id: (await attacker.instanceOf(PODS, "node")).InstanceId ?? "" }];
  await own.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets }));

  const { LoadBalancers = [] } = await own.send(new elb.DescribeLoadBalancersCommand());
  const others = LoadBalancers.filter(({ LoadBalancerName }) => LoadBalancerName !== "web");
  expect(others.length).toBe(2);
  for (const { LoadBalancerArn: other = "" } of others) {
    await expect(listen(other)).rejects.toMatchObject(DENIED);
    const remove = own.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn: other }));
    await expect(remove).rejects.toMatchObject(DENIED);
  }

  await own.send(new elb.DeregisterTargetsCommand({ TargetGroupArn, Targets }));
  await own.send(new elb.DeleteListenerCommand({ ListenerArn: listener.Listeners?.[0]?.ListenerArn }));
  await own.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }));
  await own.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }));
});
