import { expect, test } from "vitest";
import type { Principal } from "../../context/credentials.ts";
import { createStage } from "../../testing/authorization.ts";
import type { PolicyDocument } from "../policy.ts";
import { type AuthorizerOptions, createAuthorizer } from "./authorizer.ts";

const TRUST = '{"Statement":[]}';
function allow(Action: string, Resource = "*", more: object = {}) {
  return JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource, ...more }] });
}

interface RoleText {
  readonly policy?: string;
  readonly attached?: string[];
  readonly boundary?: string;
  readonly resourcePolicies?: AuthorizerOptions["resourcePolicies"];
}

/** An authorizer, and a role that calls. */
async function callerWith(
  { policy, attached, boundary, resourcePolicies }: RoleText,
  mode: "enforced" | "off" = "enforced",
) {
  const stage = createStage();
  const { context, iam, mappings } = stage;
  const boundaryArn =
    boundary === undefined
      ? undefined
      : (await stage.aws.iam("CreatePolicy", { PolicyName: "most", PolicyDocument: boundary })).Policy?.Arn;
  const { arn: roleArn } = iam.putRole({
    name: "caller",
    trustPolicy: TRUST,
    boundaryArn,
    ...(policy !== undefined && { inlinePolicies: { own: policy } }),
    ...(attached && { attachedPolicyArns: attached }),
  });
  const authorizer = createAuthorizer({
    ...context,
    iam,
    mappings,
    mode,
    ...(resourcePolicies && { resourcePolicies }),
  });
  const call = (
    service: string,
    operation: string,
    input: object = {},
    principal: Principal = { arn: "arn:session", roleArn },
  ) => authorizer.authorize({ requestId: "1", region: context.region, service, operation, principal }, input);
  return { ...stage, authorizer, call };
}

test("what no statement allows is denied in each service's own words", async () => {
  const { call } = await callerWith({});

  const codes = ["ec2", "ssm", "dynamodb", "lambda", "autoscaling", "elasticloadbalancing", "iam", "route53"].map(
    (service) => {
      const operation = {
        ec2: "DescribeVpcs",
        ssm: "DescribeParameters",
        dynamodb: "ListTables",
        lambda: "ListFunctions",
        iam: "ListRoles",
        route53: "ListHostedZones",
      }[service];
      try {
        call(service, operation ?? "DescribeTags");
        return "allowed";
      } catch (error) {
        return `${service} ${error instanceof Error ? error.name : error}`;
      }
    },
  );

  expect(codes).toEqual([
    "ec2 UnauthorizedOperation",
    "ssm AccessDeniedException",
    "dynamodb AccessDeniedException",
    "lambda AccessDeniedException",
    "autoscaling AccessDenied",
    "elasticloadbalancing AccessDenied",
    "iam AccessDenied",
    "route53 AccessDenied",
  ]);
});

test("a refusal names action, resource and caller, and the log says every permission that is missing", async () => {
  const { call, context } = await callerWith({
    policy: allow("ec2:CreateSubnet", "*", { Condition: { Null: { "aws:RequestTag/k": "false" } } }),
  });

  expect(() => call("ec2", "CreateSubnet", { VpcId: "vpc-1" })).toThrow(
    "User: arn:session is not authorized to perform: ec2:CreateSubnet on resource: arn:aws:ec2:us-west-2:111122223333:subnet/* because no identity-based policy allows the ec2:CreateSubnet action",
  );
  expect(context.lines).toEqual([
    "iam: DENIED ec2:CreateSubnet on arn:aws:ec2:us-west-2:111122223333:subnet/* to caller: no statement allows it",
    "iam: DENIED ec2:CreateSubnet on arn:aws:ec2:us-west-2:111122223333:vpc/vpc-1 to caller: no statement allows it",
  ]);
});

test("a boundary and a policy must both allow", async () => {
  const inside = await callerWith({ policy: allow("*"), boundary: allow("ec2:*") });

  expect(() => inside.call("ec2", "DescribeVpcs")).not.toThrow();
  expect(() => inside.call("ssm", "DescribeParameters")).toThrow("because no permissions boundary allows");
});

test("the agent's managed policy has the text that it has in AWS", async () => {
  const { call } = await callerWith({ attached: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"] });

  expect(() => call("ssm", "GetParameter", { Name: "/any" })).not.toThrow();
  expect(() => call("ssm", "PutParameter", { Name: "/any" })).toThrow("not authorized");
});

test("an operation that is not described is refused to roles, loudly, and left to the operator", async () => {
  const { call, context } = await callerWith({ policy: allow("*") });

  expect(() => call("ec2", "CreateVpnGateway")).toThrow("not authorized");
  expect(context.lines).toEqual([
    "iam: DENIED ec2:CreateVpnGateway to caller: local/iam/authorization does not describe this operation",
  ]);
  expect(() => call("ec2", "CreateVpnGateway", {}, { arn: "arn:operator" })).not.toThrow();
});

test("everybody may ask who he is", async () => {
  const { call } = await callerWith({});

  expect(() => call("sts", "GetCallerIdentity")).not.toThrow();
});

test("uses are counted by role, action, resource and decision", async () => {
  const { call, authorizer } = await callerWith({ policy: allow("ec2:DescribeVpcs") });

  call("ec2", "DescribeVpcs");
  call("ec2", "DescribeVpcs");
  expect(() => call("ssm", "DescribeParameters")).toThrow();

  expect(authorizer.uses()).toEqual([
    { role: "caller", action: "ec2:DescribeVpcs", resource: "*", decision: "allow", count: 2 },
    { role: "caller", action: "ssm:DescribeParameters", resource: "*", decision: "noStatement", count: 1 },
  ]);
});

test("switched off, roles may do everything", async () => {
  const { call, authorizer } = await callerWith({}, "off");

  expect(() => call("ec2", "DescribeVpcs")).not.toThrow();
  expect(authorizer.uses()).toEqual([]);
});

test("a session's own policy narrows what its role may do, and never widens it", async () => {
  const { call, context, iam } = await callerWith({ policy: allow("ec2:DescribeVpcs") });
  const [{ arn } = { arn: "" }] = Object.values(iam.snapshot().roles);
  const as = (policy: string) => context.credentials.assumeRole(arn, "session", policy).principal;
  const ask = (operation: string, policy: string) => () => call("ec2", operation, {}, as(policy));

  expect(ask("DescribeVpcs", allow("ec2:*"))).not.toThrow();
  expect(ask("DescribeVpcs", allow("ec2:DescribeSubnets"))).toThrow(
    "because no session policy allows the ec2:DescribeVpcs",
  );
  expect(ask("DescribeSubnets", allow("ec2:*"))).toThrow("because no identity-based policy allows");
});

const BUS = "arn:aws:events:us-west-2:111122223333:event-bus/own";
function policyOfBus(Effect: "Allow" | "Deny", more: object) {
  return new Map([
    [
      "events",
      (arn: string): PolicyDocument | undefined =>
        arn === BUS ? { Statement: [{ Effect, Action: "events:PutEvents", Resource: BUS, ...more }] } : undefined,
    ],
  ]);
}

function onBus(EventBusName: string) {
  return { Entries: [{ EventBusName, Source: "s", DetailType: "t", Detail: "{}" }] };
}

const USER: Principal = { arn: "arn:aws:iam::111122223333:user/eve" };

test("a deny of a resource's own policy wins over every allow, of users too, and leaves those that its condition names", async () => {
  const others = {
    Principal: "*",
    Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/ours" } },
  };
  const { call } = await callerWith({ policy: allow("events:*"), resourcePolicies: policyOfBus("Deny", others) });
  const ours = {
    Principal: "*",
    Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/caller" } },
  };
  const admitted = await callerWith({ policy: allow("events:*"), resourcePolicies: policyOfBus("Deny", ours) });

  const reason =
    "on resource: arn:aws:events:us-west-2:111122223333:event-bus/own with an explicit deny in a resource-based policy";
  expect(() => call("events", "PutEvents", onBus("own"))).toThrow(reason);
  expect(() => call("events", "PutEvents", onBus("own"), USER)).toThrow(reason);
  expect(() => call("events", "PutEvents", onBus("default"), USER)).not.toThrow();
  expect(() => call("events", "PutEvents", onBus("default"))).not.toThrow();
  expect(() => admitted.call("events", "PutEvents", onBus("own"))).not.toThrow();
});

test("a resource's own policy may allow what no permission of the caller does, to those that it names", async () => {
  const to = (AWS: string) => policyOfBus("Allow", { Principal: { AWS } });
  const named = await callerWith({ resourcePolicies: to("arn:aws:iam::111122223333:role/caller") });
  const account = await callerWith({ resourcePolicies: to("arn:aws:iam::111122223333:root") });

  expect(() => named.call("events", "PutEvents", onBus("own"))).not.toThrow();
  expect(() => account.call("events", "PutEvents", onBus("own"))).toThrow("no identity-based policy allows");
});
