import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { masterPolicy, nodePolicy } from "../../functions/domain/instance-policies.ts";
import { STACK_NAME, synthesize } from "../../infra/app.ts";
import { WILDCARDS } from "../../infra/wildcards.ts";
import { buildFunctions, listFunctions } from "../../scripts/build.ts";
import { rolesStatements } from "./template.ts";
import { reasonOf, wildcardsIn } from "./wildcards.ts";

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
let directory: string;
let resources: z.output<typeof Template>["Resources"];

beforeAll(async () => {
  process.env["CDK_VALIDATION"] = "false";
  directory = mkdtempSync(join(tmpdir(), "holdfast-synth-"));
  await buildFunctions();
  synthesize({ outdir: directory });
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
  ]);
});

/** Those of the stack's roles, and of the roles that Holdfast makes for instances. */
const statements = () => {
  const owner = { cluster: "a.example.com", uid: "one", labels: {} };
  const place = { partition: "aws", region: "us-west-2", accountId: "123456789012", table: "clusters" };
  const document = ([policy, { Statement }]: [string, ReturnType<typeof masterPolicy>]) =>
    Statement.map(({ Effect, Action, Resource = [], Condition = {} }) => ({
      policy,
      effect: Effect,
      actions: Action,
      resources: [Resource].flat(),
      conditions: Object.keys(Condition),
    }));
  const instances = Object.entries({ masters: masterPolicy(owner, place), nodes: nodePolicy(owner, place) });
  return [...rolesStatements(resources), ...instances.flatMap(document)];
};

test("no action is granted by a pattern, but in the boundary that only limits", () => {
  expect(statements().flatMap(({ actions }) => actions.filter((action) => action.includes("*")))).toEqual([]);
});

test("a wildcard without a condition stands only where AWS has no alternative, with the reason beside it", () => {
  const unexplained = wildcardsIn(statements()).filter((each) => reasonOf(each) === undefined);

  expect(unexplained.map(({ policy, action, resource }) => `${policy} ${action} ${resource}`)).toEqual([]);
});

test("no reason is kept for a wildcard that is not there any more", () => {
  const used = new Set(wildcardsIn(statements()).map(reasonOf));

  expect(WILDCARDS.filter((each) => !used.has(each))).toEqual([]);
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
