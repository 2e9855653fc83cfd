import { expect, test } from "vitest";
import { INVOKE, oneState, oneTask, pass, stepFunctions } from "../testing/stepfunctions.ts";

const task = { Type: "Task", Resource: INVOKE, End: true };
const branch = oneState(pass({ Assign: { x: 1 } }));

test.each<[string, object, string]>([
  ["a JSONPath field", oneState({ ...task, Parameters: {} }), '"Parameters" is a JSONPath field'],
  ["an unknown field", oneState({ ...task, Argument: {} }), "Unrecognized key"],
  ["a missing target", oneState({ ...task, End: undefined, Next: "Gone" }), 'There is no state "Gone"'],
  ["neither Next nor End", oneState({ ...task, End: undefined }), "either Next or End"],
  ["a broken expression", oneState(pass({ Output: "{% 1 + %}" })), "is not JSONata"],
  [
    "a resource that is not emulated",
    oneState({ ...task, Resource: "arn:aws:states:::sqs:sendMessage" }),
    "not supported",
  ],
  [
    "States.ALL before others",
    oneTask({
      Catch: [
        { ErrorEquals: ["States.ALL"], Next: "Work" },
        { ErrorEquals: ["A"], Next: "Work" },
      ],
    }),
    "States.ALL must appear alone",
  ],
  [
    "an inner state that assigns an outer variable",
    {
      StartAt: "A",
      States: {
        A: { Type: "Pass", Assign: { x: 1 }, Next: "B" },
        B: { Type: "Parallel", Branches: [branch], End: true },
      },
    },
    "assigned in an enclosing scope",
  ],
  [
    "a distributed map",
    oneState({
      Type: "Map",
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED" }, ...branch },
      End: true,
    }),
    "only Map states of Mode INLINE",
  ],
])("%s is refused", async (_, definition, message) => {
  const { create, aws } = stepFunctions();

  expect(() => create(definition)).toThrow(message);
  const result = await aws("ValidateStateMachineDefinition", {
    definition: JSON.stringify({ QueryLanguage: "JSONata", ...definition }),
  });
  expect(result.result).toBe("FAIL");
  expect(result.diagnostics?.map((diagnostic) => diagnostic.message).join()).toContain(message);
});

test("a machine that does not say JSONata is refused", () => {
  const { create } = stepFunctions();

  expect(() => create({ ...oneState(pass()), QueryLanguage: undefined })).toThrow(
    "JSONPath state machines are not supported",
  );
});

test("what is no JSON at all is said to be so", async () => {
  const { aws } = stepFunctions();

  expect(await aws("ValidateStateMachineDefinition", { definition: "{" })).toMatchObject({
    result: "FAIL",
    diagnostics: [{ code: "INVALID_JSON_DESCRIPTION" }],
  });
});

test("a sound definition has nothing to report", async () => {
  const { aws } = stepFunctions();
  const definition = JSON.stringify({ QueryLanguage: "JSONata", ...oneTask() });

  expect(await aws("ValidateStateMachineDefinition", { definition })).toEqual({
    result: "OK",
    diagnostics: [],
    truncated: false,
  });
});
