import { expect, test } from "vitest";
import { readFailure } from "./failure.ts";

test("a thrown error is read from Lambda's cause", () => {
  const cause = '{"errorType":"NotReadyYet","errorMessage":"2 of 3 nodes are ready","trace":["…"]}';

  expect(readFailure("NotReadyYet", cause)).toEqual({ name: "NotReadyYet", message: "2 of 3 nodes are ready" });
});

test("the failure of a child execution is the child's own", () => {
  const child =
    '{"Status":"FAILED","Error":"AccessMissing","Cause":"{\\"errorMessage\\":\\"ec2:AttachVolume is denied\\"}"}';

  expect(readFailure("States.TaskFailed", child)).toEqual({
    name: "AccessMissing",
    message: "ec2:AttachVolume is denied",
  });
});

test("a time-out without a cause is named by itself", () => {
  expect(readFailure("States.Timeout", "")).toEqual({ name: "States.Timeout", message: "States.Timeout" });
});
