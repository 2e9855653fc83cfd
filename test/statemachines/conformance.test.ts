import { readFileSync } from "node:fs";
import { join } from "node:path";
import validate from "asl-validator";
import { expect, test } from "vitest";
import { ERROR_NAMES, errorRow } from "../../functions/domain/cluster/error-table.ts";
import { parseJson } from "../../local/stepfunctions/json.ts";
import { validateDefinition } from "../../local/stepfunctions/validate-definition.ts";
import { readPolicies } from "../../scripts/definitions.ts";
import { errorNamesOf, machineOf, readMachines, statesOf, unassignedVariables } from "./machines.ts";

const machines = readMachines();
const states = machines.flatMap(statesOf);
const tasks = states.filter(({ state }) => state.Type === "Task");

/** Tasks whose failure may end the execution, each with its reason. The name is the state's. */
const MAY_FAIL: Readonly<Record<string, string>> = {
  "Record failure":
    "It is where every other Catch leads; when it fails too, the lease runs out and the reconcile takes over.",
};

/** Names that AWS and its SDK (a connection that timed out) give; all others must be ours. */
const AWS_NAMES = /^(States|Lambda|Sandbox|Runtime|StepFunctions|DynamoDB|EventBridge)\.|^TimeoutError$/;
const ourNames = new Set<string>(ERROR_NAMES);

test.each(machines)("$machine is a definition that AWS and the local cloud accept", ({ text }) => {
  const result = validate(parseJson(text));

  expect(result.isValid ? "" : result.errorsText()).toBe("");
  expect(validateDefinition(text).diagnostics).toEqual([]);
});

test.each(machines)("$machine speaks JSONata and limits its own time", ({ text }) => {
  expect(parseJson(text)).toMatchObject({ QueryLanguage: "JSONata", TimeoutSeconds: expect.any(Number) });
});

test.each(tasks)(
  "$machine / $name says what it is for, how long it may take and where its failure goes",
  ({ name, state }) => {
    expect(state.Comment).toMatch(/\S/);
    expect(state).toHaveProperty("TimeoutSeconds");
    if (name in MAY_FAIL) return;
    expect("Catch" in state ? state.Catch?.at(-1)?.ErrorEquals : undefined).toEqual(["States.ALL"]);
  },
);

test.each(states)("$machine / $name handles only errors that exist", ({ state }) => {
  const unknown = errorNamesOf(state).filter((name) => !AWS_NAMES.test(name) && !ourNames.has(name));

  expect(unknown).toEqual([]);
});

test("flows handle each error by the route that the table of errors gives it", () => {
  const policies = new Set(Object.values(readPolicies()).flatMap(({ ErrorEquals }) => ErrorEquals));
  const handlers = states.flatMap(({ state }) => ("Catch" in state ? [state] : []));
  const retried = new Set(handlers.flatMap(({ Retry }) => Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals));
  const caught = new Set(handlers.flatMap(({ Catch }) => Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals));
  // A child's error is read out of its cause.
  const conditions = states.flatMap(({ state }) => (state.Type === "Choice" ? JSON.stringify(state.Choices) : []));
  const routeOf = (name: string) => {
    if (policies.has(name)) return "retry";
    if (retried.has(name)) return "wait";
    return caught.has(name) || conditions.some((text) => text.includes(`${name}\\"`)) ? "continue" : undefined;
  };

  expect(ERROR_NAMES.map((name) => [name, routeOf(name)])).toEqual(
    ERROR_NAMES.map((name) => [name, errorRow(name).route]),
  );
});

test.each(states)("$machine / $name reads only variables that some state assigns", async (state) => {
  expect(await unassignedVariables(state)).toEqual([]);
});

test("a variable that no state of the scope assigns is found, a bound one and a function are not", async () => {
  const Output =
    "{% ($local := $given; $map($missing, function($item) { $string($local) & $item & $states.input.a })) %}";
  const inner = { StartAt: "Read", States: { Read: { Type: "Pass", Output, End: true } } };
  const machine = machineOf({
    StartAt: "Give",
    States: {
      Give: { Type: "Pass", Assign: { given: 1 }, Next: "Both" },
      Both: { Type: "Parallel", Branches: [inner], End: true },
    },
  });

  const found = await Promise.all(statesOf(machine).map(unassignedVariables));

  expect(found).toEqual([[], [], ["missing"]]);
});

test("a repair has a way for each kind of action, and no way for a kind that there is not", () => {
  const source = readFileSync(join(import.meta.dirname, "../../functions/domain/repair/repair-action.ts"), "utf8");
  const kinds = new Set([...source.matchAll(/readonly kind: "([a-z-]+)"/g)].map(([, kind]) => kind));
  const repair = machines.find(({ machine }) => machine.includes("repair"));
  const asked = new Set([...(repair?.text ?? "").matchAll(/\$kind = '([a-z-]+)'/g)].map(([, kind]) => kind));

  // Waiting is an error that the flow tries again, and what no other way takes is a learner to promote.
  expect([...kinds].filter((kind) => kind !== "wait" && kind !== "promote").toSorted()).toEqual([...asked].toSorted());
});
