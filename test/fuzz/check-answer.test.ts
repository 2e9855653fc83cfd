import { expect, test } from "vitest";
import { problemExample } from "../../functions/domain/api/examples.ts";
import { openapiDocument } from "../../scripts/openapi.ts";
import { answerCheckOf } from "./check-answer.ts";
import { Document, targetsOf } from "./document.ts";

const document = Document.parse(JSON.parse(JSON.stringify(openapiDocument())));
const checkAnswer = answerCheckOf(document);
const REQUEST = { method: "GET", path: "/", query: {}, headers: {}, body: undefined };

function answerOf(operationId: string, status: number, body: unknown, contentType: string) {
  const target = targetsOf(document).find(({ operation }) => operation.operationId === operationId);
  if (!target) throw new Error(`there is no operation ${operationId}`);
  const text = body === undefined ? "" : JSON.stringify(body);
  return checkAnswer(target, REQUEST, { status, contentType, requestId: "req-1", text });
}

test("answers as the document has them pass", () => {
  expect(answerOf("listClusters", 200, { items: [] }, "application/json")).toBeUndefined();
  expect(answerOf("getOperation", 304, undefined, "application/json")).toBeUndefined();
  const unknown = problemExample("cluster-unknown");
  expect(answerOf("getCluster", 404, unknown, "application/problem+json")).toBeUndefined();
});

test.each([
  ["a failure", "listClusters", 500, problemExample("internal"), "application/problem+json"],
  ["a status that is not listed", "listClusters", 418, {}, "application/json"],
  ["another media type", "getCluster", 404, problemExample("cluster-unknown"), "application/json"],
  ["a member of another type", "listClusters", 200, { items: {} }, "application/json"],
  ["a member that is missing", "getOperation", 200, { id: "create-1" }, "application/json"],
  ["no body where there should be one", "listClusters", 200, undefined, "application/json"],
])("%s is found", (_, operationId, status, body, contentType) => {
  expect(answerOf(operationId, status, body, contentType)).toBeTypeOf("string");
});
