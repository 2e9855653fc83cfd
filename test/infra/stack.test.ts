import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { holdfastApp, STACK_NAME } from "../../infra/app.ts";
import { buildFunctions, listFunctions } from "../../scripts/build.ts";

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
let app: App;
let directory: string;
let resources: z.output<typeof Template>["Resources"];

beforeAll(async () => {
  process.env["CDK_VALIDATION"] = "false";
  directory = mkdtempSync(join(tmpdir(), "holdfast-synth-"));
  await buildFunctions();
  app = holdfastApp(directory);
  app.synth();
  resources = Template.parse(
    JSON.parse(readFileSync(join(directory, `${STACK_NAME}.template.json`), "utf8")),
  ).Resources;
});
afterAll(() => rmSync(directory, { recursive: true }));

const ofType = (type: string) => Object.values(resources).filter((resource) => resource.Type === type);

test("every file of functions/{api,chatops,events,steps} is deployed, with a role of its own", () => {
  expect(ofType("AWS::Lambda::Function").length).toBe(listFunctions().length);
  const roles = ofType("AWS::Lambda::Function").map(({ Properties }) => JSON.stringify(Properties["Role"]));
  expect(new Set(roles).size).toBe(listFunctions().length);
});

test("every route of the API asks for a signature, but the doors of chats, which verify by themselves", () => {
  const routes = ofType("AWS::ApiGatewayV2::Route");

  expect(routes.length).toBe(15);
  const open = routes.filter(({ Properties }) => Properties["AuthorizationType"] !== "AWS_IAM");
  expect(open.map(({ Properties }) => Properties["RouteKey"]).toSorted()).toEqual([
    "POST /chat/mattermost",
    "POST /chat/slack",
    "POST /chat/webhook",
  ]);
});

test("a door of a chat may do nothing but read its own secret, remember a delivery and start the flow", () => {
  const doors = Object.entries(resources).filter(([id]) => /^chatslackRoleDefaultPolicy/.test(id));
  const statements = JSON.stringify(doors.map(([, { Properties }]) => Properties["PolicyDocument"]));

  expect(doors.length).toBe(1);
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

test("no role may do everything of a service, but for the boundary that only limits", () => {
  const policies = ofType("AWS::IAM::Policy").map(({ Properties }) => JSON.stringify(Properties["PolicyDocument"]));

  expect(policies.filter((policy) => /"Action":(\[[^\]]*)?"[a-z0-9]*:?\*"/.test(policy))).toEqual([]);
});

test("roles that Holdfast makes for instances must carry the boundary", () => {
  const makers = ofType("AWS::IAM::Policy")
    .map(({ Properties }) => JSON.stringify(Properties["PolicyDocument"]))
    .filter((policy) => policy.includes("iam:CreateRole"));

  expect(makers.length).toBe(1);
  expect(makers[0]).toContain("iam:PermissionsBoundary");
});

test("the table is kept, recoverable and protected", () => {
  const [table] = ofType("AWS::DynamoDB::GlobalTable");

  expect(JSON.stringify(table?.Properties)).toContain('"PointInTimeRecoveryEnabled":true');
  expect(JSON.stringify(table?.Properties)).toContain('"DeletionProtectionEnabled":true');
});

test("AWS's Solutions checks find nothing in the stack that is not explained", () => {
  const { violations } = new AwsSolutionsChecks().validateScope(app);

  const findings = violations.map(({ ruleName, violatingResources }) => ({
    ruleName,
    at: violatingResources.map(({ constructPath }) => constructPath),
  }));
  expect(findings).toEqual([]);
});

test("every log is kept for as long as the stack's parameter says", () => {
  const retentions = ofType("AWS::Logs::LogGroup").map(({ Properties }) => Properties["RetentionInDays"]);

  expect(retentions.length).toBeGreaterThan(60);
  expect(new Set(retentions.map((retention) => JSON.stringify(retention)))).toEqual(
    new Set(['{"Ref":"LogRetentionDays"}']),
  );
});

test("every target of a rule has a dead-letter queue", () => {
  const targets = ofType("AWS::Events::Rule").flatMap(({ Properties }) => Properties["Targets"]);

  expect(targets.length).toBeGreaterThan(5);
  expect(targets.filter((target) => !JSON.stringify(target).includes('"DeadLetterConfig"'))).toEqual([]);
});

test("an alarm names the page that says what to do, and rings where somebody is told", () => {
  const alarms = ofType("AWS::CloudWatch::Alarm").map(({ Properties }) => Properties);

  expect(alarms.length).toBeGreaterThan(10);
  for (const alarm of alarms) {
    const [page = "no page"] = /docs\/runbooks\/[a-z-]+\.md/.exec(String(alarm["AlarmDescription"])) ?? [];
    expect(existsSync(join(import.meta.dirname, "../..", page)), String(alarm["AlarmDescription"])).toBe(true);
    expect(JSON.stringify([alarm["AlarmActions"], alarm["OKActions"]])).toMatch(/Ref.*Topic.*Ref.*Topic/);
  }
});
