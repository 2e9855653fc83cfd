import { beforeAll, expect, test } from "vitest";
import { type IsolationReport, instanceRoles, isolationReport, type Permitted } from "./report.ts";

let found: IsolationReport;
beforeAll(() => {
  found = isolationReport();
});

function lineOf({ role, action, resource, setting }: Permitted): string {
  return `${role.name}: ${action} on ${resource.owner?.uid ?? "a stranger's"} ${resource.name}, with ${setting}`;
}

test("no instance role tags, changes or reads anything of another cluster, or of its own members, but for a known reason", () => {
  expect(found.findings.map(lineOf)).toEqual([]);
  expect(found.roles.length).toBeGreaterThanOrEqual(9);
});

test("every exception is there for something", () => {
  expect([...found.known].filter(([, permitted]) => permitted.length === 0)).toEqual([]);
});

test("a permission that reaches too far is found", () => {
  const [master] = instanceRoles();
  const Statement = { Effect: "Allow" as const, Action: "ec2:DeleteVolume", Resource: "*" };
  if (!master) throw new Error("there is no role");
  const { findings } = isolationReport([{ ...master, statements: [...master.statements, Statement] }]);

  expect(new Set(findings.map(({ action }) => action))).toEqual(new Set(["ec2:DeleteVolume"]));
  expect(findings.map(({ resource }) => `${resource.owner?.uid} ${resource.name}`)).toEqual(
    expect.arrayContaining([
      "uid-other volume/a",
      "uid-one volume/a",
      "uid-before volume/b",
      "undefined volume/website",
    ]),
  );
});
