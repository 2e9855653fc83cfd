import { expect, test } from "vitest";
import { PROBLEM_NAMES, problemRow, problemType } from "../domain/api/problems.ts";
import {
  BadRequest,
  ClusterBusy,
  ClusterExists,
  ClusterUnknown,
  NotAllowed,
  NotReadyYet,
  SpecRejected,
  TooLarge,
  TooManyRequests,
} from "../domain/cluster/errors.ts";
import { bodyTag, matchesAny } from "../domain/spec/spec-tag.ts";
import { problemResponse, toResponse } from "../runtime/problems.ts";

function answerTo(error: unknown) {
  const { statusCode, headers, body } = problemResponse(error, "req-1");
  return { statusCode, headers, problem: JSON.parse(body ?? "") };
}

/** As the SDK names what a service answers. */
function called(name: string): Error {
  return Object.assign(new Error("secret"), { name });
}
const problem = { flag: "zones", value: "", message: "zones: a value is missing" };

test.each([
  [new BadRequest("no", [problem]), "bad-request", 400],
  [new NotAllowed("no"), "forbidden", 403],
  [new ClusterUnknown("no"), "cluster-unknown", 404],
  [new ClusterBusy("no", "repair-1"), "cluster-busy", 409],
  [new ClusterExists("no", null), "cluster-exists", 409],
  [new TooLarge("no"), "too-large", 413],
  [new SpecRejected([problem]), "spec-rejected", 422],
  [new TooManyRequests("no", 17), "too-many-requests", 429],
  [new TypeError("secret"), "internal", 500],
  [new NotReadyYet("no"), "not-ready", 503],
  [called("ProvisionedThroughputExceededException"), "not-ready", 503],
  [called("ThrottlingException"), "not-ready", 503],
  [called("TimeoutError"), "not-ready", 503],
] as const)("%s is the problem %s", (error, name, status) => {
  const answer = answerTo(error);

  expect(answer.statusCode).toBe(status);
  expect(answer.problem).toMatchObject({
    type: problemType(name),
    status,
    title: problemRow(name).title,
    requestId: "req-1",
  });
  expect(answer.headers).toMatchObject({ "content-type": "application/problem+json", "x-request-id": "req-1" });
});

test("types are never renamed", () => {
  expect(PROBLEM_NAMES.map(problemType)).toContain("https://holdfast.dev/problems/cluster-busy");
});

test.each([
  [new ClusterBusy("held", "repair-1"), "10"],
  [new ClusterExists("held", "create-1"), "10"],
  [new ClusterExists("is there", null), undefined],
  [new TooManyRequests("slow down", 17), "17"],
  [new NotReadyYet("not yet"), "5"],
  [called("ThrottlingException"), "5"],
  [new TypeError("x"), undefined],
])("%s says when to try again, if ever", (error, seconds) => {
  expect(answerTo(error).headers?.["retry-after"]).toBe(seconds);
});

test("what went wrong inside is for the log, not for the caller", () => {
  expect(JSON.stringify(answerTo(new TypeError("secret")))).not.toContain("secret");
});

test("every answer carries the request's id, and one without a body has none", () => {
  expect(toResponse({ status: 304, headers: { etag: '"a"' } }, "req-1")).toEqual({
    statusCode: 304,
    headers: { "content-type": "application/json", "x-request-id": "req-1", etag: '"a"' },
  });
});

test("an answer is known by its tag, whatever order its fields come in", () => {
  const tag = bodyTag({ a: 1, b: { c: 2, d: 3 } });

  expect(bodyTag({ b: { d: 3, c: 2 }, a: 1 })).toBe(tag);
  expect(matchesAny(`"other", W/${tag}`, tag)).toBe(true);
  expect(matchesAny("*", tag)).toBe(true);
  expect(matchesAny('"other"', tag)).toBe(false);
  expect(matchesAny(undefined, tag)).toBe(false);
});
