import { afterAll, beforeAll, expect, test } from "vitest";
import { startStage } from "../../../test/support/chat-stage.ts";
import { wordsOf } from "../../../test/support/fake-slack.ts";
import { clusterView, operationView, planned } from "../../../test/support/views.ts";

function answers(...bodies: object[]) {
  return bodies.map((body) => ({ status: 200, body }));
}

const ONE = clusterView();

let stage: Awaited<ReturnType<typeof startStage>>;
beforeAll(async () => {
  stage = await startStage({
    access: {
      principals: {
        "slack:T1/*": [{ role: "admin", clusters: "*", limits: { nodes: 4, machineTypes: ["t3.*", "t2.*"] } }],
      },
    },
    apiSecondPerson: ["delete"],
    api: {
      "POST /plan": answers(planned),
      "POST /clusters": answers(operationView()),
      "GET /clusters/ha": answers(ONE),
      "PATCH /clusters/ha": answers(planned, planned, operationView()),
      "GET /clusters/ha/resources": answers({ cluster: "ha", uid: "u", removed: [], kept: [], blockers: [] }),
      "DELETE /clusters/ha": answers(operationView()),
    },
  });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

async function type(user: string, text: string) {
  const delivery = await stage.delivery(user, { kind: "command", text });
  await stage.answer(delivery);
  return delivery;
}

async function press(user: string, plan: string) {
  const delivery = await stage.delivery(user, { kind: "button", decision: "confirm", plan });
  await stage.answer(delivery);
  return stage.said(delivery).map(wordsOf).join("\n");
}

function requests(method: string) {
  return stage.api.received.filter((request) => request.method === method).length;
}

test("M9: what the API asks two persons for takes two in a chat, whatever the chat's own rules say", async () => {
  const asked = await type("U1", "delete cluster ha");

  expect(await press("U1", asked.id)).toContain("to delete takes two: somebody else who may must press Confirm");
  expect(requests("DELETE")).toBe(0);
  expect(await press("U2", asked.id)).toContain("Confirmed by <@U2>");
  expect(requests("DELETE")).toBe(1);
});

test("L10: a creation above the limit is refused before it is planned, with the grant and the limit", async () => {
  const said = stage.said(await type("U1", "create cluster --zones us-west-2a --node-count 5 ha"));

  expect(said.map(wordsOf).join()).toContain(
    "you may not create ha so: the grant of slack:T1/* allows at most 4 nodes, and 5 were asked for",
  );
  expect(requests("POST")).toBe(0);
});

test.each([
  ["scale nodes ha --count 5", "at most 4 nodes, and 5 were asked for"],
  ["update cluster ha --node-size m5.large", "machine types t3.*, t2.*, and m5.large was asked for"],
])("L10: %s is refused before it is planned", async (line, expected) => {
  const said = stage.said(await type("U1", line));

  expect(said.map(wordsOf).join()).toContain(`the grant of slack:T1/* allows ${expected}`);
  expect(requests("PATCH")).toBe(0);
});

test("and what is within the limits is done", async () => {
  const asked = await type("U1", "scale nodes ha --count 4");

  expect(await press("U1", asked.id)).toContain("Confirmed by <@U1>");
  const bodies = stage.api.received.filter(({ method }) => method === "PATCH").map(({ body }) => body);
  expect(bodies.at(-1)).toEqual({ spec: { nodeCount: 4 } });
  expect(bodies.slice(0, -1)).toEqual(bodies.slice(0, -1).map(() => ({ spec: { nodeCount: 4 }, dryRun: true })));
});
