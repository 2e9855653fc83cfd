import { beforeAll, expect, test } from "vitest";
import { masterPolicy, nodePolicy } from "../../functions/domain/instance-policies.ts";
import { WILDCARDS } from "../../infra/wildcards.ts";
import { matchesPattern } from "../../local/iam/conditions.ts";
import { type GrantedStatement, synthesizedStatements } from "./template.ts";

const OWNER = { cluster: "a.example.com", uid: "one", labels: {} };
const PLACE = { partition: "aws", region: "us-west-2", accountId: "123456789012", table: "clusters" };

let statements: GrantedStatement[];
beforeAll(async () => {
  const ofInstances = Object.entries({ masters: masterPolicy(OWNER, PLACE), nodes: nodePolicy(OWNER, PLACE) });
  statements = [
    ...(await synthesizedStatements()),
    ...ofInstances.flatMap(([policy, { Statement }]) =>
      Statement.map(({ Effect, Action, Resource = [], Condition = {} }) => ({
        policy,
        effect: Effect,
        actions: Action,
        resources: [Resource].flat(),
        conditions: Object.keys(Condition),
      })),
    ),
  ];
});

/** All resources, or all of a type: nothing but a wildcard where the name would stand. */
const isWild = (resource: string): boolean =>
  /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(\*|\*\/\*|[A-Za-z-]+[:/]\*|autoScalingGroup:\*:autoScalingGroupName\/\*))$/.test(
    resource.replaceAll(/\$\{[^}]*\}/g, "-"),
  );

/** `POLICY ACTION RESOURCE` of every wildcard that no condition narrows. */
const wild = () =>
  statements
    .filter(({ effect, conditions }) => effect === "Allow" && conditions.length === 0)
    .flatMap(({ policy, actions, resources }) =>
      resources.filter(isWild).flatMap((resource) => actions.map((action) => ({ policy, action, resource }))),
    );

const reasonOf = ({ action, resource }: { action: string; resource: string }) =>
  WILDCARDS.find(
    (each) =>
      each.actions.some((pattern) => matchesPattern(action, pattern)) &&
      (each.resource === "*" ? resource === "*" : resource.endsWith(each.resource)),
  );

test("a wildcard without a condition stands only where AWS has no alternative, with the reason beside it", () => {
  const unexplained = wild().filter((each) => reasonOf(each) === undefined);

  expect(unexplained.map(({ policy, action, resource }) => `${policy} ${action} ${resource}`)).toEqual([]);
});

test("no reason is kept for a wildcard that is not there any more", () => {
  const used = new Set(wild().map(reasonOf));

  expect(WILDCARDS.filter((each) => !used.has(each))).toEqual([]);
});

test("no action is granted by a pattern", () => {
  const patterns = statements.flatMap(({ actions }) => actions).filter((action) => action.includes("*"));

  expect(patterns).toEqual([]);
});
