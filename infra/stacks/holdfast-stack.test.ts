import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { ROUTES } from "../../functions/domain/api/routes.ts";
import { masterPolicy, nodePolicy } from "../../functions/domain/permissions/instance-policies.ts";
import { listFunctions } from "../../scripts/build.ts";
import { isRetained } from "../../scripts/smoke-aws/retained.ts";
import { boundaryStatements, rolesStatements } from "../../test/support/template.ts";
import { unconditionalWildcards, wildcardUses } from "../../test/support/wildcard-uses.ts";
import { holdfastApp, STACK_NAME } from "../app.ts";
import { WILDCARDS, wildcardFor } from "../wildcards.ts";

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Condition: z.string().optional(),
      DeletionPolicy: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});
let app: App;
let directory: string;
let resources: z.output<typeof Template>["Resources"];

beforeAll(() => {
  process.env["CDK_VALIDATION"] = "false";
  directory = mkdtempSync(join(tmpdir(), "holdfast-synth-"));
  app = holdfastApp(directory, emptyBundles(join(directory, "bundles")));
  app.synth();
  resources = Template.parse(
    JSON.parse(readFileSync(join(directory, `${STACK_NAME}.template.json`), "utf8")),
  ).Resources;
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What functions do is not looked at here, and to build them takes seconds. */
function emptyBundles(bundles: string): string {
  for (const { name } of listFunctions()) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, "index.cjs"), "");
  }
  return bundles;
}

function ofType(type: string) {
  return Object.values(resources).filter((resource) => resource.Type === type);
}

test("every file of functions/{api,chat,events,steps} is deployed, with a role of its own", () => {
  expect(ofType("AWS::Lambda::Function").length).toBe(listFunctions().length);
  const roles = ofType("AWS::Lambda::Function").map(({ Properties }) => JSON.stringify(Properties["Role"]));
  expect(new Set(roles).size).toBe(listFunctions().length);
});

test("400: the bucket of backups removes after 400 days what carries the tag of what is not pinned, and nothing else", () => {
  const [bucket] = ofType("AWS::S3::Bucket");
  const { Rules = [] } = z
    .object({ Rules: z.array(z.record(z.string(), z.unknown())) })
    .parse(bucket?.Properties["LifecycleConfiguration"]);

  const expiring = Rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
  expect(expiring).toEqual([
    { ExpirationInDays: 400, Status: "Enabled", TagFilters: [{ Key: "holdfast:pinned", Value: "no" }] },
  ]);
});

test("17.1: whoever reads backups learns of a missing file that it is missing: S3 asks without a prefix", () => {
  const listing = JSON.stringify(resources).match(/\{"Action":"s3:ListBucket","Condition":\{"([^"]+)"/g) ?? [];

  expect(new Set(listing)).toEqual(new Set(['{"Action":"s3:ListBucket","Condition":{"StringLikeIfExists"']));
});

function routes(type: string) {
  return ofType("AWS::ApiGatewayV2::Route")
    .filter(({ Properties }) => Properties["AuthorizationType"] === type)
    .map(({ Properties }) => String(Properties["RouteKey"]))
    .toSorted();
}

test("every route of the contract is there, and asks for a signature unless the contract says that it is open", () => {
  const contract = Object.values(ROUTES).map(({ request }) => request);
  const keys = (open: boolean) =>
    contract
      .filter(({ action }) => (action === null) === open)
      .map(({ route }) => String(route))
      .toSorted();
  const console = ["ANY /session/{proxy+}", "GET /console/{proxy+}"];

  expect(routes("AWS_IAM")).toEqual(keys(false));
  expect(routes("NONE")).toEqual([...console, ...keys(true)].toSorted());
  expect(keys(true)).toEqual(["GET /openapi.json", "POST /chat/mattermost", "POST /chat/slack", "POST /chat/webhook"]);
});

const JOIN = "POST /clusters/{name}/nodes/{instanceId}/certificate";

test("a token opens the same routes below /token but for that of nodes, only in a stack that names an issuer", () => {
  const signed = routes("AWS_IAM");
  expect(signed).toContain(JOIN);
  expect(routes("JWT")).toEqual(
    signed.filter((route) => route !== JOIN).map((route) => route.replace(" /", " /token/")),
  );
  const conditions = [
    ...ofType("AWS::ApiGatewayV2::Authorizer"),
    ...ofType("AWS::ApiGatewayV2::Route").filter(({ Properties }) => Properties["AuthorizationType"] === "JWT"),
  ];
  expect(conditions.length).toBeGreaterThan(20);
  expect(new Set(conditions.map(({ Condition }) => Condition))).toEqual(
    new Set([expect.stringContaining("TakesTokens")]),
  );
});

test("one caller's requests are limited, and those of all together", () => {
  const answering = ofType("AWS::Lambda::Function").filter(({ Properties }) =>
    JSON.stringify(Properties).includes("REQUESTS_PER_MINUTE"),
  );
  const [stage] = ofType("AWS::ApiGatewayV2::Stage");

  expect(answering.length).toBe(18);
  expect(stage?.Properties["DefaultRouteSettings"]).toEqual({ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 });
});

test("a endpoint of a chat may do nothing but read its own secret, remember a delivery and start the flow", () => {
  const own = rolesStatements(resources).filter(({ policy }) => /^chatslackRole/.test(policy));
  const statements = JSON.stringify(own);

  expect(own.length).toBeGreaterThan(0);
  expect([...statements.matchAll(/"([a-z]+:[A-Z]\w+)"/g)].map(([, action]) => action).toSorted()).toEqual([
    "dynamodb:LeadingKeys",
    "dynamodb:PutItem",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "ssm:GetParameter",
    "states:StartExecution",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
  ]);
});

/** Those of the stack's roles, and of the roles that Holdfast makes for instances. */
function statements() {
  const owner = { cluster: "a.example.com", uid: "one", labels: {} };
  const place = {
    partition: "aws",
    region: "us-west-2",
    accountId: "123456789012",
    heartbeatTable: "heartbeats",
    apiId: "abcdefghij",
    secretsKeyArn: "arn:aws:kms:us-west-2:123456789012:key/k",
  };
  const document = ([policy, { Statement }]: [string, ReturnType<typeof masterPolicy>]) =>
    Statement.map(({ Effect, Action, Resource = [], Condition = {} }) => ({
      policy,
      effect: Effect,
      actions: Action,
      resources: [Resource].flat(),
      conditions: Object.values(Condition).flatMap((operator) => Object.keys(operator)),
    }));
  const instances = (["amazonvpc", "kindnet"] as const).flatMap((network) =>
    Object.entries({
      masters: masterPolicy(owner, place, { network, member: "a", securityGroups: ["sg-1"] }),
      nodes: nodePolicy(owner, place, { network, securityGroups: ["sg-1"] }),
    }),
  );
  return [...rolesStatements(resources), ...instances.flatMap(document)];
}

test("no action is granted by a pattern, but in the boundary that only limits", () => {
  expect(statements().flatMap(({ actions }) => actions.filter((action) => action.includes("*")))).toEqual([]);
});

test("a wildcard without a condition stands only where AWS has no alternative, with the reason beside it", () => {
  const unexplained = unconditionalWildcards(statements()).filter((use) => !wildcardFor(use));

  expect(unexplained.map(({ policy, action, resource }) => `${policy} ${action} ${resource}`)).toEqual([]);
});

test("no reason is kept for a wildcard that is not there any more", () => {
  const used = new Set(wildcardUses([...statements(), ...boundaryStatements(resources)]).map(wildcardFor));

  expect(WILDCARDS.filter((each) => !used.has(each))).toEqual([]);
});

test("roles that Holdfast makes for instances must carry the boundary", () => {
  const makers = ofType("AWS::IAM::Role")
    .map(({ Properties }) => JSON.stringify(Properties["Policies"] ?? []))
    .filter((policy) => policy.includes("iam:CreateRole"));

  // Of clusters' hosts, and of hosts of drills.
  expect(makers.length).toBe(2);
  for (const maker of makers) expect(maker).toContain("iam:PermissionsBoundary");
});

test("H2: the boundary names what instances use, within the 6,144 characters that IAM takes", () => {
  const [boundary] = ofType("AWS::IAM::ManagedPolicy");
  const text = JSON.stringify(boundary?.Properties["PolicyDocument"]);
  // Longer than any Region's, account's or table's.
  const length = text.replaceAll(/\{"(Ref|Fn::GetAtt)":[^}]*\}/g, "us-gov-west-1").length;

  expect(length).toBeLessThanOrEqual(6_144);
  expect(text).not.toMatch(/"(ssm|ec2|elasticloadbalancing|dynamodb|kms):\*"|control/);
});

test("the table is kept, recoverable and protected", () => {
  const [table] = ofType("AWS::DynamoDB::GlobalTable");

  expect(JSON.stringify(table?.Properties)).toContain('"PointInTimeRecoveryEnabled":true');
  expect(JSON.stringify(table?.Properties)).toContain('"DeletionProtectionEnabled":true');
});

test("the smoke test removes every type that the stack retains", () => {
  const retained = Object.values(resources).filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith("Retain"));
  const types = new Set(retained.map(({ Type }) => Type));

  expect(types).toContain("AWS::S3::Bucket");
  expect([...types].filter((type) => !isRetained(type))).toEqual([]);
});

test("AWS's Solutions checks find nothing in the stack that is not explained", () => {
  const { violations } = new AwsSolutionsChecks().validateScope(app);

  const findings = violations.map(({ ruleName, violatingResources }) => ({
    ruleName,
    at: violatingResources.map(({ constructPath }) => constructPath),
  }));
  expect(findings).toEqual([]);
});

function ofTypeById(type: string) {
  return Object.entries(resources).filter(([, { Type }]) => Type === type);
}

/** A construct's logical id without the hash that CDK appends. */
function nameOf(id: string): string {
  return id.slice(0, -8);
}

test("every log is kept for as long as the stack's parameter says, and the audit for thirteen months, whatever happens", () => {
  const groups = ofTypeById("AWS::Logs::LogGroup");
  const audits = groups.filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain");
  const others = groups.filter((group) => !audits.includes(group)).map(([, { Properties }]) => Properties);

  expect(audits.map(([id]) => nameOf(id))).toEqual(["HttpAccessLog", "chatcommandLog"]);
  expect(audits.map(([, { Properties }]) => Properties["RetentionInDays"])).toEqual([400, 400]);
  for (const { RetentionInDays, LogGroupName } of others) {
    expect(RetentionInDays).toEqual({ Ref: "LogRetentionDays" });
    expect(LogGroupName).toMatch(/^\/aws\/vendedlogs\/holdfast\/[a-z-]+$/);
  }
});

const Logging = z.object({ LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }) }) });

test("15: a flow's functions write to its log group and to no other, and only chat-command to its audit", () => {
  const permissions = rolesStatements(resources);
  const writers = ofTypeById("AWS::Lambda::Function").map(([id, { Properties }]) => {
    const role = id.replace(/Function[0-9A-F]{8}$/, "Role");
    const granted = permissions
      .filter(({ policy, actions }) => nameOf(policy) === role && actions.includes("logs:PutLogEvents"))
      .flatMap((statement) => statement.resources);
    return { role, group: Logging.parse(Properties).LoggingConfig.LogGroup.Ref, granted };
  });
  const groupOf = (name: string) => writers.find(({ role }) => role === `${name}Role`)?.group ?? "";

  for (const { group, granted } of writers) expect(granted).toEqual([`\${${group}.Arn}`]);
  expect(["attachvolume", "renewmember", "listclusters", "reconcile"].map(groupOf).map(nameOf)).toEqual([
    "placemasterlog",
    "repairmasterlog",
    "apilog",
    "reconcilelog",
  ]);
  expect(writers.filter(({ group }) => nameOf(group) === "chatcommandLog").map(({ role }) => role)).toEqual([
    "chatcommandRole",
  ]);
});

test("15: a stack may have 500 resources, and there is room for the next flow", () => {
  const advice =
    "more than 480 of CloudFormation's 500 resources: make the steps of a new flow one function (infra/flows/restore-cluster.ts), " +
    "or move a flow to a nested stack";

  expect(Object.keys(resources).length, advice).toBeLessThanOrEqual(480);
});

test("15: what holds records, secrets and the API's address keeps its logical id: another id would replace it", () => {
  const kept = ["AWS::DynamoDB::GlobalTable", "AWS::KMS::Key", "AWS::ApiGatewayV2::Api", "AWS::S3::Bucket"];

  expect(kept.flatMap(ofTypeById).map(([id]) => id)).toEqual([
    "ClustersTableDFE9FEA5",
    "HeartbeatsTableFFB59E43",
    "SecretsKey9BF95D68",
    "HttpApi4E1D4184",
    "BackupsBucket2936A3AA",
  ]);
});

test("every target of a rule has a dead-letter queue", () => {
  const targets = ofType("AWS::Events::Rule").flatMap(({ Properties }) => Properties["Targets"]);

  expect(targets.length).toBeGreaterThan(5);
  expect(targets.filter((target) => !JSON.stringify(target).includes('"DeadLetterConfig"'))).toEqual([]);
});

const RuleProperties = z.object({
  Description: z.string(),
  EventPattern: z.object({ source: z.array(z.string()) }).optional(),
});

test("X6: what starts work are AWS's own events, which nobody can put; our own are posted in chats, or sent to a hub, and start nothing", () => {
  const rules = ofType("AWS::Events::Rule").map(({ Properties }) => RuleProperties.parse(Properties));
  const forgeable = rules.filter(({ EventPattern }) =>
    EventPattern?.source.some((source) => !source.startsWith("aws.")),
  );

  expect(forgeable.map(({ Description }) => Description).toSorted()).toEqual([
    "A cluster of an endpoint has changed: its endpoint is asked how it is",
    "Sends changes of clusters to the hub of the fleet",
    "What happens to clusters, for a channel",
  ]);
});

test("L4: on the bus of our own events nobody puts any but the functions that publish, and the policy fits", () => {
  // The bus of the fleet is another's concern: it admits the organization (infra/constructs/fleet-hub.ts).
  const [policy, ...more] = ofType("AWS::Events::EventBusPolicy")
    .filter(({ Condition }) => Condition === undefined)
    .map(({ Properties }) => Properties);
  const publishing = ofType("AWS::IAM::Role")
    .filter(({ Condition }) => Condition === undefined)
    .filter(({ Properties }) => JSON.stringify(Properties).includes("events:PutEvents"));

  expect(more).toEqual([]);
  expect(policy).toMatchObject({
    EventBusName: { Ref: expect.stringContaining("EventsBus") },
    Statement: {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "events:PutEvents",
      Condition: { ArnNotEquals: { "aws:PrincipalArn": expect.any(Array) } },
    },
  });
  const roles = Object(policy?.["Statement"]).Condition.ArnNotEquals["aws:PrincipalArn"];
  expect(roles).toHaveLength(publishing.length);
  // 10 KB are the most of a bus; a role's ARN has at most 31 and 64 characters.
  expect(roles.length * (31 + 64 + 3)).toBeLessThan(10_240 - 400);
});

test("5.8.11: only the organization's accounts put events on the bus of a fleet, and those of our source", () => {
  const policies = ofType("AWS::Events::EventBusPolicy").filter(({ Condition }) => Condition !== undefined);

  expect(policies.map(({ Properties }) => Properties["Statement"])).toEqual([
    {
      ...{ Effect: "Allow", Principal: "*", Action: "events:PutEvents", Resource: expect.anything() },
      Condition: {
        StringEquals: { "aws:PrincipalOrgID": { Ref: "FleetOrganization" }, "events:source": "holdfast" },
      },
    },
  ]);
});

test("5.8.10: the role that lets a hub in calls no route that creates, deletes or hands out a key", () => {
  const parts = Object.entries(resources).filter(([id]) => id.startsWith("HubAccess"));
  const routes = [...JSON.stringify(parts).matchAll(/\$default\/([A-Z]+\/[^"]+)/g)].map(([, route]) => route);

  expect(routes.toSorted()).toEqual([
    "GET/clusters",
    "GET/clusters/*",
    "GET/openapi.json",
    "GET/operations/*",
    "PATCH/clusters/*",
  ]);
});

test("L1: chats are let in by their roles' own sessions, account and partition included", () => {
  const environments = ofType("AWS::Lambda::Function").map(({ Properties }) =>
    JSON.stringify(Properties["Environment"] ?? {}),
  );
  const callers = environments.filter((text) => text.includes("CHAT_CALLERS"));

  expect(callers.length).toBeGreaterThan(5);
  for (const text of callers)
    expect(text).toMatch(/"arn:",\{"Ref":"AWS::Partition"\},":sts::",\{"Ref":"AWS::AccountId"\}/);
});

test("an alarm names the page that says what to do, and notifies a topic", () => {
  const alarms = ofType("AWS::CloudWatch::Alarm").map(({ Properties }) => Properties);

  expect(alarms.length).toBeGreaterThan(10);
  for (const alarm of alarms) {
    const [page = "no page"] = /docs\/runbooks\/[a-z-]+\.md/.exec(String(alarm["AlarmDescription"])) ?? [];
    expect(existsSync(join(import.meta.dirname, "../..", page)), String(alarm["AlarmDescription"])).toBe(true);
    expect(JSON.stringify([alarm["AlarmActions"], alarm["OKActions"]])).toMatch(/Ref.*Topic.*Ref.*Topic/);
  }
});

function functionsWith(holds: (properties: Record<string, unknown>) => boolean) {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
    Type === "AWS::Lambda::Function" && holds(Properties) ? id.replace(/Function[0-9A-F]{8}$/, "") : [],
  );
}

test("1: executions are reserved for the API and the reconciler alone, if the parameter says so", () => {
  const reserved = functionsWith((properties) => "ReservedConcurrentExecutions" in properties);
  const answering = Object.values(ROUTES).map(({ function: name }) => name.replaceAll("-", ""));

  expect(reserved.toSorted()).toEqual([...new Set([...answering, "reconcile"])].toSorted());
  const values = ofType("AWS::Lambda::Function").flatMap(
    ({ Properties }) => Properties["ReservedConcurrentExecutions"] ?? [],
  );
  expect(values.map((value) => JSON.stringify(value))).toContainEqual(
    expect.stringMatching(/^{"Fn::If":\["ReservedReserves\w+",2,{"Ref":"AWS::NoValue"}\]}$/),
  );
});

test("11: a reconcile run that fails or comes late is not run again: the next one comes in a minute", () => {
  const ofReconcile = ofType("AWS::Lambda::EventInvokeConfig").filter(({ Properties }) =>
    JSON.stringify(Properties["FunctionName"]).includes("reconcile"),
  );

  expect(ofReconcile.map(({ Properties }) => Properties)).toEqual([
    expect.objectContaining({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }),
  ]);
});
