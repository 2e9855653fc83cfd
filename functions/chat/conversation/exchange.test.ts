import { afterAll, beforeAll, expect, test } from "vitest";
import { startStage } from "../../../test/support/chat-stage.ts";
import { problem } from "../../../test/support/fake-api.ts";
import { buttonsOf, wordsOf } from "../../../test/support/fake-slack.ts";
import { clusterView, operationView, planned } from "../../../test/support/views.ts";
import { RESTORE_PLAN_EXAMPLE } from "../../domain/api/examples.ts";
import type { Delivery } from "../../domain/chat/delivery.ts";
import { keys } from "../../store/keys.ts";

const CREATE = "create cluster --zones us-west-2a ha";
const GROWN_RESTORE_PLAN = { ...RESTORE_PLAN_EXAMPLE, lastRevision: 9000, lostSeconds: 9000, lostRevisions: 4000 };
function answers(...bodies: object[]) {
  return bodies.map((body) => ({ status: 200, body }));
}

const changed = { ...planned, warnings: ["The account has changed."] };

let stage: Awaited<ReturnType<typeof startStage>>;
beforeAll(async () => {
  stage = await startStage({
    access: {
      principals: {
        "slack:T1/UVIEWER": [{ role: "viewer", clusters: "ha" }],
        "slack:T1/UOPERATOR": [{ role: "operator", clusters: "*" }],
        "slack:T1/UOTHER": [{ role: "operator", clusters: "*" }],
        "slack:T1/UADMIN": [{ role: "admin", clusters: "*" }],
      },
    },
    api: {
      "GET /clusters": answers({ items: [clusterView(), clusterView({ name: "hidden" })] }),
      "GET /clusters/old": answers(clusterView({ name: "old", status: "DELETED" })),
      "GET /operations/op-1": answers(operationView()),
      "GET /operations/op-9": answers(operationView({ id: "op-9", cluster: "hidden" })),
      // Asked for, confirmed after a change, confirmed again; then a plan that the account refuses later; then one
      // more.
      "POST /plan": [
        ...answers(planned, changed, changed, planned),
        {
          status: 422,
          body: problem(422, "refused", { problems: [{ flag: "--zones", value: "", message: "No such zone." }] }),
        },
        { status: 200, body: planned },
      ],
      "POST /clusters": answers(operationView()),
      "GET /clusters/ha": answers(clusterView()),
      "POST /clusters/ha/restore/plan": answers(
        RESTORE_PLAN_EXAMPLE,
        // Before the button is pressed, and shown once more.
        GROWN_RESTORE_PLAN,
        GROWN_RESTORE_PLAN,
        { ...RESTORE_PLAN_EXAMPLE, takenAt: "2026-11-29T00:00:00.000Z" },
      ),
      "POST /clusters/ha/restore": answers(operationView({ id: "op-3", kind: "restore" })),
      "POST /clusters/ha/backup": answers(operationView({ id: "op-2", kind: "backup" })),
    },
  });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

async function type(user: string, text: string): Promise<Delivery> {
  const delivery = await stage.delivery(user, { kind: "command", text });
  await stage.answer(delivery);
  return delivery;
}

async function press(user: string, plan: string, decision: "confirm" | "cancel" = "confirm"): Promise<Delivery> {
  const delivery = await stage.delivery(user, { kind: "button", decision, plan });
  await stage.answer(delivery);
  return delivery;
}

function creations() {
  return stage.api.received.filter(({ method, path }) => method === "POST" && path === "/clusters");
}

test("X3: a plan that changed before the button was pressed is shown again, and the old button is dead", async () => {
  const asked = await type("UOPERATOR", CREATE);
  const changedPress = await press("UOTHER", asked.id);
  const [again] = stage.said(changedPress);
  const deadPress = await press("UOTHER", asked.id);

  expect(creations()).toEqual([]);
  expect(again?.text).toContain(
    "What was shown is no longer so. Nothing was changed; this is how it is now. <@UOTHER>",
  );
  expect(wordsOf(again ?? { text: "", response_type: "", replace_original: false, blocks: [] })).toContain(
    "The account has changed.",
  );
  expect(stage.said(deadPress)[0]?.text).toBe("This plan was replaced already.");

  const confirmed = await press("UOPERATOR", changedPress.id);
  await stage.answer(confirmed);

  expect(stage.said(confirmed)[0]?.text).toContain("Confirmed by <@UOPERATOR>: operation op-1 has begun.");
  const keys = creations().map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toEqual([`chat-${changedPress.id}-0`, `chat-${changedPress.id}-0`]);
  expect(await stage.records("CLUSTER#ha")).toMatchObject([
    { type: "confirmed-in-chat", operation: "op-1", message: expect.stringContaining("uother (slack:T1/UOTHER)") },
  ]);
});

test("a backup, which has no plan in a terminal, is shown and waits for the button as well", async () => {
  const started = () => stage.api.received.filter(({ path }) => path === "/clusters/ha/backup").length;
  const asked = await type("UOPERATOR", "backup cluster ha");
  const before = started();
  const pressed = await press("UOPERATOR", asked.id);

  const [shown] = stage.said(asked);
  expect(shown && buttonsOf(shown)).toHaveLength(2);
  expect(shown && wordsOf(shown)).toContain("Saves the etcd of ha to S3 now. The cluster is only read.");
  expect([before, started()]).toEqual([0, 1]);
  expect(stage.said(pressed)[0]?.text).toContain("Confirmed by <@UOPERATOR>: operation op-2 has begun.");
});

test("that more is lost by a restore as time passes is no other plan, but another backup is", async () => {
  const restore = "restore cluster ha --backup latest";
  const asked = await type("UADMIN", restore);
  const pressed = await press("UADMIN", asked.id);
  const later = await type("UADMIN", restore);
  const other = await press("UADMIN", later.id);

  expect(stage.said(pressed)[0]?.text).toContain("Confirmed by <@UADMIN>: operation op-3 has begun.");
  expect(stage.said(other)[0]?.text).toContain("What was shown is no longer so. Nothing was changed;");
});

test("a plan that the account does not hold any more is not offered again", async () => {
  const before = creations().length;
  const asked = await type("UOPERATOR", CREATE);

  const pressed = await press("UOPERATOR", asked.id);

  const [message] = stage.said(pressed);
  expect(message && buttonsOf(message)).toEqual([]);
  expect(JSON.stringify(message)).toContain("No such zone.");
  expect(creations().length).toBe(before);
});

test("X3: who has no role gets no plan, and presses nothing for others", async () => {
  const before = creations().length;
  const asked = await type("UOPERATOR", CREATE);

  const denied = await type("UVIEWER", CREATE);
  const pressed = await press("UVIEWER", asked.id);
  const stranger = await press("USTRANGER", asked.id, "cancel");

  const sorry = "Sorry, you are not allowed to create ha.";
  expect(stage.said(denied)[0]?.text).toContain(sorry);
  expect(stage.said(pressed)[0]).toMatchObject({ text: sorry, response_type: "ephemeral", replace_original: false });
  expect(stage.said(stranger)[0]?.text).toBe(sorry);
  expect(creations().length).toBe(before);
});

test("lists and answers leave out what somebody may not see", async () => {
  const list = await type("UVIEWER", "get clusters -o json");
  const operation = await type("UVIEWER", "get operations op-9");
  const own = await type("UVIEWER", "get operations op-1");
  const events = await type("UVIEWER", "get events hidden");
  const stranger = await type("USTRANGER", "get clusters");

  expect(JSON.stringify(stage.said(list))).not.toContain("hidden");
  expect(JSON.stringify(stage.said(operation))).toContain("error: there is no /operations/op-9");
  expect(JSON.stringify(stage.said(own))).toContain("Create network");
  expect(JSON.stringify(stage.said(events))).toContain("error: there is no /clusters/hidden/events");
  expect(stage.said(stranger)[0]?.text).toContain("Sorry, you are not allowed to read every cluster.");
});

test("everything is in the audit: who, what, and what came of it", async () => {
  const { audit } = stage;

  expect(audit).toContainEqual(
    expect.objectContaining({
      principal: "slack:T1/UOPERATOR",
      what: CREATE,
      cluster: "ha",
      outcome: "confirmed",
      detail: "op-1",
    }),
  );
  expect(audit).toContainEqual(
    expect.objectContaining({ principal: "slack:T1/UVIEWER", what: CREATE, cluster: "ha", outcome: "denied" }),
  );
  expect(audit).toContainEqual(expect.objectContaining({ what: "get clusters -o json", outcome: "shown" }));
});

test("one address takes five answers, and the sixth is not sent", async () => {
  const delivery = await stage.delivery("UOPERATOR", { kind: "command", text: "help" });

  for (let time = 0; time < 6; time++) await stage.answer(delivery);

  expect(stage.said(delivery)).toHaveLength(5);
});

test("a notification that comes twice is posted once, with the table's text; one that the table does not have, never", async () => {
  const detail = {
    version: 1,
    id: "op-1#master-lost#b",
    cluster: "ha",
    type: "master-lost",
    message: "Master b was lost: https://evil.example",
  };
  await stage.remember(keys.event("ha", detail.id), { type: "master-lost", message: "Master b was lost." });
  const event = { "detail-type": "Holdfast Cluster Event", source: "holdfast", detail };

  await Promise.all([stage.notify(event), stage.notify(event)]);
  await stage.notify(event);
  await stage.notify({ ...event, detail: { ...detail, id: "op-2#master-lost#b" } });
  const forged = { version: 1, id: "op-2#FAILED", cluster: "ha", status: "FAILED", reason: "https://evil.example" };
  await stage.notify({ ...event, "detail-type": "Holdfast Cluster Status Change", detail: forged });

  expect(stage.slack.posted.get("/news")?.map(({ text }) => text)).toEqual(["🔧 ha: Master b was lost."]);
});

test("R8: a chat plans nothing for a cluster that was deleted", async () => {
  for (const words of ["scale nodes old --count 5", "update cluster old --node-size m5.large"]) {
    const [said] = stage.said(await type("UOPERATOR", words));

    if (said === undefined) throw new Error("nothing was said");
    expect(wordsOf(said)).toContain("there is no cluster old");
    expect(buttonsOf(said)).toEqual([]);
  }
});
