import { describe, expect, test } from "vitest";
import { createStage } from "../../testing/authorization.ts";

const HERE = "us-west-2:111122223333";
const EC2 = `arn:aws:ec2:${HERE}`;
const SSM = `arn:aws:ssm:${HERE}`;
const ELB = `arn:aws:elasticloadbalancing:${HERE}`;
const TABLE = `arn:aws:dynamodb:${HERE}:table/clusters`;

test.each<[service: string, operation: string, input: object, checks: string[]]>([
  ["ec2", "DescribeInstances", {}, ["ec2:DescribeInstances *"]],
  ["ec2", "DescribeVpcAttribute", { VpcId: "vpc-1" }, [`ec2:DescribeVpcAttribute ${EC2}:vpc/vpc-1`]],
  ["ec2", "CreateVpc", {}, [`ec2:CreateVpc ${EC2}:vpc/*`]],
  [
    "ec2",
    "CreateSubnet",
    { VpcId: "vpc-1" },
    [`ec2:CreateSubnet ${EC2}:subnet/*`, `ec2:CreateSubnet ${EC2}:vpc/vpc-1`],
  ],
  [
    "ec2",
    "CreateNatGateway",
    { SubnetId: "subnet-1", AllocationId: "eipalloc-1" },
    [
      `ec2:CreateNatGateway ${EC2}:natgateway/*`,
      `ec2:CreateNatGateway ${EC2}:subnet/subnet-1`,
      `ec2:CreateNatGateway ${EC2}:elastic-ip/eipalloc-1`,
    ],
  ],
  ["route53", "CreateHealthCheck", {}, ["route53:CreateHealthCheck *"]],
  [
    "route53",
    "DeleteHealthCheck",
    { HealthCheckId: "abc" },
    ["route53:DeleteHealthCheck arn:aws:route53:::healthcheck/abc"],
  ],
  [
    "route53",
    "ListTagsForResources",
    { ResourceType: "healthcheck", ResourceIds: ["a", "b"] },
    ["a", "b"].map((id) => `route53:ListTagsForResources arn:aws:route53:::healthcheck/${id}`),
  ],
  [
    "ec2",
    "AttachVolume",
    { VolumeId: "vol-1", InstanceId: "i-1" },
    [`ec2:AttachVolume ${EC2}:volume/vol-1`, `ec2:AttachVolume ${EC2}:instance/i-1`],
  ],
  [
    "ec2",
    "CreateSnapshot",
    { VolumeId: "vol-1" },
    ["ec2:CreateSnapshot arn:aws:ec2:us-west-2::snapshot/*", `ec2:CreateSnapshot ${EC2}:volume/vol-1`],
  ],
  [
    "ec2",
    "CreateLaunchTemplateVersion",
    { LaunchTemplateId: "lt-1" },
    [`ec2:CreateLaunchTemplateVersion ${EC2}:launch-template/lt-1`],
  ],
  [
    "ec2",
    "ModifyLaunchTemplate",
    { LaunchTemplateId: "lt-1" },
    [`ec2:ModifyLaunchTemplate ${EC2}:launch-template/lt-1`],
  ],
  [
    "ec2",
    "ModifyNetworkInterfaceAttribute",
    { NetworkInterfaceId: "eni-1", Groups: ["sg-1"] },
    [
      `ec2:ModifyNetworkInterfaceAttribute ${EC2}:network-interface/eni-1`,
      `ec2:ModifyNetworkInterfaceAttribute ${EC2}:security-group/sg-1`,
    ],
  ],
  [
    "ec2",
    "ModifyInstanceAttribute",
    { InstanceId: "i-1", SourceDestCheck: { Value: false } },
    [`ec2:ModifyInstanceAttribute ${EC2}:instance/i-1`],
  ],
  [
    "autoscaling",
    "UpdateAutoScalingGroup",
    { AutoScalingGroupName: "g", MinSize: 1 },
    [`autoscaling:UpdateAutoScalingGroup arn:aws:autoscaling:${HERE}:autoScalingGroup:*:autoScalingGroupName/g`],
  ],
  ["ec2", "AuthorizeSecurityGroupIngress", {}, ["ec2:AuthorizeSecurityGroupIngress *"]],
  [
    "ssm",
    "GetParameter",
    { Name: "/holdfast/a/masters/x" },
    [`ssm:GetParameter ${SSM}:parameter/holdfast/a/masters/x`],
  ],
  ["ssm", "GetParameter", { Name: "plain" }, [`ssm:GetParameter ${SSM}:parameter/plain`]],
  [
    "ssm",
    "GetParameter",
    { Name: "/aws/service/x" },
    ["ssm:GetParameter arn:aws:ssm:us-west-2::parameter/aws/service/x"],
  ],
  ["ssm", "GetParametersByPath", { Path: "/holdfast/a" }, [`ssm:GetParametersByPath ${SSM}:parameter/holdfast/a`]],
  [
    "ssm",
    "PutParameter",
    { Name: "/a", Tags: [{ Key: "k", Value: "v" }] },
    [`ssm:PutParameter ${SSM}:parameter/a`, `ssm:AddTagsToResource ${SSM}:parameter/a`],
  ],
  [
    "ssm",
    "SendCommand",
    { DocumentName: "AWS-RunShellScript", InstanceIds: ["i-1"] },
    ["ssm:SendCommand arn:aws:ssm:us-west-2::document/AWS-RunShellScript", `ssm:SendCommand ${EC2}:instance/i-1`],
  ],
  ["ssm", "GetCommandInvocation", {}, ["ssm:GetCommandInvocation *"]],
  [
    "elasticloadbalancing",
    "CreateTargetGroup",
    { Name: "hf-a", Tags: [{ Key: "k", Value: "v" }] },
    [
      `elasticloadbalancing:CreateTargetGroup ${ELB}:targetgroup/hf-a/*`,
      `elasticloadbalancing:AddTags ${ELB}:targetgroup/hf-a/*`,
    ],
  ],
  [
    "elasticloadbalancing",
    "CreateListener",
    { LoadBalancerArn: `${ELB}:loadbalancer/net/hf-a/1`, Tags: [{ Key: "k", Value: "v" }] },
    [
      `elasticloadbalancing:CreateListener ${ELB}:loadbalancer/net/hf-a/1`,
      `elasticloadbalancing:AddTags ${ELB}:listener/net/hf-a/1/*`,
    ],
  ],
  [
    "dynamodb",
    "TransactWriteItems",
    {
      TransactItems: [
        { Put: { TableName: "clusters", Item: {} } },
        { ConditionCheck: { TableName: "clusters", Key: {} } },
      ],
    },
    [`dynamodb:PutItem ${TABLE}`, `dynamodb:ConditionCheckItem ${TABLE}`],
  ],
  ["dynamodb", "Scan", { TableName: "clusters", IndexName: "by-name" }, [`dynamodb:Scan ${TABLE}/index/by-name`]],
  ["lambda", "Invoke", { FunctionName: "f" }, [`lambda:InvokeFunction arn:aws:lambda:${HERE}:function:f`]],
  ["states", "StartExecution", { stateMachineArn: "arn:m" }, ["states:StartExecution arn:m"]],
  ["events", "PutRule", { Name: "r" }, [`events:PutRule arn:aws:events:${HERE}:rule/r`]],
  ["events", "PutEvents", { Entries: [{}] }, [`events:PutEvents arn:aws:events:${HERE}:event-bus/default`]],
  ["route53", "ListHostedZonesByName", {}, ["route53:ListHostedZonesByName *"]],
  ["sts", "AssumeRole", { RoleArn: "arn:r" }, ["sts:AssumeRole arn:r"]],
])("%s:%s is checked on what it names: %j", (service, operation, input, checks) => {
  const stage = createStage();
  stage.iam.ensureServiceLinkedRole("elasticloadbalancing.amazonaws.com");

  expect(stage.checks(service, operation, input)).toEqual(checks);
});

test("an operation that nobody described has no demands at all, so that roles are refused it", () => {
  expect(createStage().demandsOf("ec2", "CreateVpnGateway", {})).toBeUndefined();
});

test("tags of the request count for what is created, tags of the resource for what exists", async () => {
  const stage = createStage();
  const tags = (value: string) => [{ ResourceType: "vpc" as const, Tags: [{ Key: "team", Value: value }] }];
  const { Vpc } = await stage.ec2("CreateVpc", { CidrBlock: "10.0.0.0/16", TagSpecifications: tags("red") });

  const demands = stage.demandsOf("ec2", "CreateSubnet", {
    VpcId: Vpc?.VpcId,
    TagSpecifications: [{ ResourceType: "subnet", Tags: [{ Key: "team", Value: "blue" }] }],
  });

  const created = { "aws:RequestTag/team": "blue", "aws:TagKeys": ["team"] };
  expect(demands).toEqual([
    { action: "ec2:CreateSubnet", resource: `${EC2}:subnet/*`, keys: created },
    { action: "ec2:CreateTags", resource: `${EC2}:subnet/*`, keys: { ...created, "ec2:CreateAction": "CreateSubnet" } },
    {
      action: "ec2:CreateSubnet",
      resource: `${EC2}:vpc/${Vpc?.VpcId}`,
      keys: { "aws:ResourceTag/team": "red", "ec2:ResourceTag/team": "red" },
    },
  ]);
});

test("a group with a launch template is checked for the launch of its instances and the passing of their role", async () => {
  const stage = createStage();
  const roleArn = stage.iam.putRole({ name: "masters", trustPolicy: '{"Statement":[]}' }).arn;
  stage.iam.putInstanceProfile({ name: "masters", roleName: "masters" });
  const { LaunchTemplate } = await stage.ec2("CreateLaunchTemplate", {
    LaunchTemplateName: "masters",
    LaunchTemplateData: {
      ImageId: "ami-00000000000000001",
      IamInstanceProfile: { Name: "masters" },
      NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: "eni-1" }],
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "team", Value: "red" }] }],
    },
  });
  const template = LaunchTemplate?.LaunchTemplateId;

  const checks = stage.checks("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: "g",
    LaunchTemplate: { LaunchTemplateId: template, Version: "$Default" },
  });

  const role = "AWSServiceRoleForAutoScaling";
  expect(checks).toEqual([
    `iam:CreateServiceLinkedRole arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/${role}`,
    `autoscaling:CreateAutoScalingGroup arn:aws:autoscaling:${HERE}:autoScalingGroup:*:autoScalingGroupName/g`,
    "ec2:RunInstances arn:aws:ec2:us-west-2::image/ami-00000000000000001",
    `ec2:RunInstances ${EC2}:launch-template/${template}`,
    `ec2:RunInstances ${EC2}:instance/*`,
    `ec2:CreateTags ${EC2}:instance/*`,
    `ec2:RunInstances ${EC2}:volume/*`,
    `ec2:RunInstances ${EC2}:network-interface/eni-1`,
    `iam:PassRole ${roleArn}`,
  ]);
});

test("a role is made under its path, with its boundary as a condition key, and tagged in the same call", () => {
  const boundary = "arn:aws:iam::111122223333:policy/most";

  const demands = createStage().demandsOf("iam", "CreateRole", {
    RoleName: "r",
    Path: "/holdfast/",
    PermissionsBoundary: boundary,
    Tags: [{ Key: "team", Value: "red" }],
  });

  const resource = "arn:aws:iam::111122223333:role/holdfast/r";
  const tags = { "aws:RequestTag/team": "red", "aws:TagKeys": ["team"] };
  expect(demands).toEqual([
    { action: "iam:CreateRole", resource, keys: { ...tags, "iam:PermissionsBoundary": boundary } },
    { action: "iam:TagRole", resource, keys: tags },
  ]);
});

test("names of records are compared as Route 53 writes them", () => {
  const change = (Name: string, Type: string) => ({ Action: "UPSERT", ResourceRecordSet: { Name, Type } });

  const demands = createStage().demandsOf("route53", "ChangeResourceRecordSets", {
    HostedZoneId: "/hostedzone/Z1",
    ChangeBatch: { Changes: [change("API.Example.COM.", "A"), change("*.example.com", "A")] },
  });

  expect(demands).toEqual([
    {
      action: "route53:ChangeResourceRecordSets",
      resource: "arn:aws:route53:::hostedzone/Z1",
      keys: {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["api.example.com", "\\052.example.com"],
        "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
        "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
      },
    },
  ]);
});

test("the partitions that a query or a key reaches are its leading keys", () => {
  const stage = createStage();
  stage.dynamodb.createTable({
    tableName: "clusters",
    keySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    attributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  });

  const byKey = stage.demandsOf("dynamodb", "GetItem", { TableName: "clusters", Key: { pk: { S: "a" } } });
  const byQuery = stage.demandsOf("dynamodb", "Query", {
    TableName: "clusters",
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: "b" } },
  });

  expect(byKey?.[0]?.keys).toEqual({ "dynamodb:LeadingKeys": ["a"], "dynamodb:Attributes": ["pk"] });
  expect(byQuery?.[0]?.keys).toEqual({ "dynamodb:LeadingKeys": ["b"], "dynamodb:Attributes": ["pk"] });
});

test("the attributes of a call are those of its item or key and of its expressions", () => {
  const stage = createStage();
  stage.dynamodb.createTable({
    tableName: "clusters",
    keySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    attributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  });
  const attributes = (operation: string, input: object) =>
    stage
      .demandsOf("dynamodb", operation, { TableName: "clusters", ...input })
      ?.map(({ keys }) => keys["dynamodb:Attributes"]);
  const Put = {
    Item: { pk: { S: "a" }, healthy: { BOOL: true } },
    ConditionExpression: "attribute_not_exists(#k)",
    ExpressionAttributeNames: { "#k": "kind" },
  };
  const Update = {
    Key: { pk: { S: "a" } },
    UpdateExpression: "SET #r.steps = :s, since = if_not_exists(former, :s) REMOVE gone",
    ConditionExpression: "#r.#o = :s AND size(slots[0]) > :s",
    ExpressionAttributeNames: { "#r": "record", "#o": "operation" },
    ExpressionAttributeValues: { ":s": { S: "x" } },
  };

  expect(attributes("PutItem", Put)).toEqual([["pk", "healthy", "kind"]]);
  expect(attributes("UpdateItem", Update)).toEqual([["pk", "record", "slots", "since", "former", "gone"]]);
  expect(attributes("GetItem", { Key: { pk: { S: "a" } }, ProjectionExpression: "since, healthy" })).toEqual([
    ["pk", "since", "healthy"],
  ]);
  expect(
    attributes("TransactWriteItems", {
      TransactItems: [{ Put: { TableName: "clusters", ...Put } }, { Update: { TableName: "clusters", ...Update } }],
    }),
  ).toEqual([
    ["pk", "healthy", "kind"],
    ["pk", "record", "slots", "since", "former", "gone"],
  ]);
});

test("a secret under a key of the account needs the permission to use that key, for this parameter and by way of SSM", async () => {
  const { aws, checks, demandsOf } = createStage();
  const key = `arn:aws:kms:${HERE}:key/k-1`;
  const secret = { Name: "/holdfast/a/masters/x", Value: "v", Type: "SecureString" };

  expect(checks("ssm", "PutParameter", { ...secret, KeyId: "alias/ours" })?.at(-1)).toBe(`kms:Encrypt ${key}`);
  await aws.ssm("PutParameter", {
    Name: "/holdfast/a/masters/x",
    Value: "v",
    Type: "SecureString",
    KeyId: "alias/ours",
  });
  await aws.ssm("PutParameter", { Name: "/holdfast/a/plain", Value: "v", Type: "SecureString" });

  const Names = ["/holdfast/a/masters/x", "/holdfast/a/plain"];
  expect(checks("ssm", "GetParameters", { Names, WithDecryption: true })).toEqual([
    `ssm:GetParameters ${SSM}:parameter/holdfast/a/masters/x`,
    `kms:Decrypt ${key}`,
    `ssm:GetParameters ${SSM}:parameter/holdfast/a/plain`,
  ]);
  expect(checks("ssm", "GetParameter", { Name: Names[0] })).toEqual([
    `ssm:GetParameter ${SSM}:parameter/holdfast/a/masters/x`,
  ]);
  expect(checks("ssm", "GetParametersByPath", { Path: "/holdfast/a/", WithDecryption: true })?.at(-1)).toBe(
    `kms:Decrypt ${key}`,
  );
  expect(demandsOf("ssm", "PutParameter", { Name: Names[0], Value: "w", Overwrite: true })?.at(-1)?.keys).toEqual({
    "aws:ViaAWSService": true,
    "kms:ViaService": "ssm.us-west-2.amazonaws.com",
    "kms:CallerAccount": "111122223333",
    "kms:EncryptionContext:PARAMETER_ARN": `${SSM}:parameter/holdfast/a/masters/x`,
  });
});

test("of an instance, the attribute that is one value is a condition key", () => {
  const { demandsOf } = createStage();
  const keysOf = (input: object) =>
    demandsOf("ec2", "ModifyInstanceAttribute", { InstanceId: "i-1", ...input })?.[0]?.keys;

  expect(keysOf({ SourceDestCheck: { Value: false } })).toEqual({ "ec2:Attribute/SourceDestCheck": "false" });
  expect(keysOf({ BlockDeviceMappings: [{ Ebs: { DeleteOnTermination: true } }] })).toEqual({});
});

describe("B2: a fresh account has no service-linked roles", () => {
  const balancer = { Name: "hf-1", Type: "network", Subnets: ["subnet-1"] };
  const role = "arn:aws:iam::111122223333:role/aws-service-role/elasticloadbalancing.amazonaws.com";

  test("the first load balancer or target group is checked for making the role and for reads of EC2", () => {
    const { checks } = createStage();
    const first = [
      `iam:CreateServiceLinkedRole ${role}/AWSServiceRoleForElasticLoadBalancing`,
      "ec2:DescribeAccountAttributes *",
      "ec2:DescribeAddresses *",
      "ec2:DescribeInternetGateways *",
      "ec2:DescribeSecurityGroups *",
      "ec2:DescribeSubnets *",
      "ec2:DescribeVpcs *",
    ];

    expect(checks("elasticloadbalancing", "CreateLoadBalancer", balancer)).toEqual([
      ...first,
      `elasticloadbalancing:CreateLoadBalancer ${ELB}:loadbalancer/net/hf-1/*`,
    ]);
    expect(checks("elasticloadbalancing", "CreateTargetGroup", { Name: "hf-1" })).toEqual([
      ...first,
      `elasticloadbalancing:CreateTargetGroup ${ELB}:targetgroup/hf-1/*`,
    ]);
  });

  test("once the role is there nothing of that is asked for", () => {
    const { iam, checks } = createStage();
    iam.ensureServiceLinkedRole("elasticloadbalancing.amazonaws.com");

    expect(checks("elasticloadbalancing", "CreateLoadBalancer", balancer)).toEqual([
      `elasticloadbalancing:CreateLoadBalancer ${ELB}:loadbalancer/net/hf-1/*`,
    ]);
  });
});

test("M2: a launch with an interface that exists is checked for its subnet and its groups, too", async () => {
  const { ec2, checks } = createStage();
  const { Subnets } = await ec2("DescribeSubnets", {});
  const { NetworkInterface } = await ec2("CreateNetworkInterface", { SubnetId: Subnets?.[0]?.SubnetId });
  const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId;
  const { LaunchTemplate } = await ec2("CreateLaunchTemplate", {
    LaunchTemplateName: "masters",
    LaunchTemplateData: {
      ImageId: "ami-00000000000000001",
      NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }],
    },
  });

  const found = checks("ec2", "RunInstances", {
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId },
  });

  expect(found).toEqual(
    expect.arrayContaining([
      `ec2:RunInstances ${EC2}:network-interface/${NetworkInterfaceId}`,
      `ec2:RunInstances ${EC2}:subnet/${NetworkInterface?.SubnetId}`,
      `ec2:RunInstances ${EC2}:security-group/${NetworkInterface?.Groups?.[0]?.GroupId}`,
    ]),
  );
});
