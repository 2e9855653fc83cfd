import { expect, test } from "vitest";
import { readDefinition } from "../../scripts/definitions.ts";

function statesOf(flow: string) {
  const { States } = Object(readDefinition(flow));
  return States;
}

test("a state that names its function is a task with the usual payload, time limit, output and retries", () => {
  const { Retry, ...state } = statesOf("repair-master")["Renew member"];

  expect(state).toEqual({
    Type: "Task",
    Comment: "Take the member out of etcd and put it back as a learner with a fresh volume",
    Resource: "arn:${Partition}:states:::lambda:invoke",
    TimeoutSeconds: 60,
    Arguments: {
      FunctionName: "${RenewMember}",
      Payload: { cluster: "{% $cluster %}", operation: "{% $operation %}", member: "{% $members[0] %}" },
    },
    Output: "{% $states.input %}",
    Catch: [{ ErrorEquals: ["States.ALL"], Assign: { failure: "{% $states.errorOutput %}" }, Next: "Record failure" }],
    Next: "Stop master",
  });
  expect(Retry.map(({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals[0])).toEqual([
    "NotReadyYet",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
  ]);
});

test("what a state says itself counts", () => {
  const { Arguments, Output } = statesOf("create-cluster")["Validate account"];

  expect(Arguments.Payload).toEqual({
    cluster: "{% $states.input.cluster %}",
    operation: "{% $states.input.operation %}",
  });
  expect(statesOf("create-cluster")["Complete operation"].Output).toBe("{% {} %}");
  expect(Output).toBe("{% $states.input %}");
});

test("in a branch, a failure goes to the branch's own end in a variable of its own", () => {
  const { Branches } = statesOf("create-cluster")["Create foundations"];
  const { "Issue PKI": issue, "PKI failed": failed } = Branches[2].States;

  expect(issue.Catch).toEqual([
    { ErrorEquals: ["States.ALL"], Assign: { pkiFailure: "{% $states.errorOutput %}" }, Next: "PKI failed" },
  ]);
  expect(failed).toEqual({
    Type: "Fail",
    Comment: "Hand the error on to the flow",
    Error: "{% $pkiFailure.Error %}",
    Cause: "{% $pkiFailure.Cause %}",
  });
});
