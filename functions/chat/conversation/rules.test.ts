import { expect, test } from "vitest";
import { parseCommandLine } from "../../../client/grammar/parse-command.ts";
import type { ClusterStatus } from "../../domain/api/views.ts";
import { evaluateButton, type PendingPlan } from "../../domain/chat/delivery.ts";
import { plain } from "../../domain/chat/message.ts";
import { notificationOf } from "../../domain/chat/notifications.ts";
import { evaluatePost, MAX_POSTS } from "../../domain/chat/progress.ts";
import { IngressSettings, isOnOrigin } from "../../domain/chat/settings.ts";
import { evaluateCommand } from "./command-rule.ts";

function evaluate(line: string) {
  const parsed = parseCommandLine(line);
  if (!parsed.ok) throw new Error("not understood");
  return evaluateCommand(parsed.command);
}

test.each([
  ["get clusters", { kind: "run", action: "read", cluster: null, confirm: false }],
  [
    "validate cluster ha --wait 10m",
    { kind: "run", action: "read", cluster: "ha", confirm: false, command: { waitMs: null } },
  ],
  ["create cluster —zones us-west-2a ha --yes", { kind: "run", action: "create", cluster: "ha", confirm: true }],
  ["create cluster --zones us-west-2a ha --dry-run", { kind: "run", action: "create", cluster: "ha", confirm: false }],
  ["delete cluster ha --yes --wait", { kind: "run", action: "delete", cluster: "ha", confirm: true }],
  ["drill cluster ha", { kind: "run", action: "repair", cluster: "ha", confirm: true }],
  ["backup cluster ha", { kind: "run", action: "repair", cluster: "ha", confirm: true }],
  ["pin backup ha 2026-11-29T031502Z-4f1c", { kind: "run", action: "change", cluster: "ha", confirm: true }],
  ["describe backup ha 2026-11-29T031502Z-4f1c", { kind: "run", action: "read", cluster: "ha" }],
  ["restore cluster ha --backup latest --yes", { kind: "run", action: "delete", cluster: "ha", confirm: true }],
  ["update cluster ha --node-size t3.large", { kind: "run", action: "change", cluster: "ha", confirm: true }],
  ["scale nodes ha —count 5", { kind: "run", action: "change", cluster: "ha", confirm: true }],
  ["fleet get prod", { kind: "run", action: "read", cluster: null, confirm: false }],
  ["fleet rollout prod --node-count 5", { kind: "run", action: "change", cluster: null, confirm: true }],
  ["fleet rollout approve prod --yes", { kind: "run", action: "change", cluster: null, confirm: true }],
  ["fleet delete prod", { kind: "run", action: "delete", cluster: null, confirm: true }],
  ["fleet rollout prod --strategy /etc/passwd", { kind: "unavailable" }],
  ["export kubeconfig --fleet prod", { kind: "unavailable" }],
  ["create cluster -f /etc/passwd", { kind: "unavailable" }],
  ["local shell ha a", { kind: "unavailable" }],
  ["demo", { kind: "unavailable" }],
  ["", { kind: "say" }],
])("%s", (line, expected) => {
  expect(evaluate(line)).toMatchObject(expected);
});

const person = { principal: "slack:T1/U1", id: "U1", name: "ann" };
const plan: PendingPlan = {
  id: "p",
  text: "create cluster",
  hash: "h",
  askedBy: person,
  askedIn: "d1",
  status: "PENDING",
  decidedBy: null,
  decidedIn: null,
  expiresAtMs: 1000,
};

test.each([
  ["a plan that waits", plan, 1000, undefined],
  ["a plan that nobody knows", undefined, 0, /not known/],
  ["an expired plan", plan, 1001, /expired/],
  ["a plan that another press decided", { ...plan, status: "CONFIRMED", decidedIn: "d2" }, 0, /confirmed already/],
  ["a plan that this very press decided", { ...plan, status: "CONFIRMED", decidedIn: "d3" }, 2000, undefined],
] as const)("a button of %s", (_, given, now, expected) => {
  const hindrance = evaluateButton(given, "d3", now);

  if (expected === undefined) expect(hindrance).toBeUndefined();
  else expect(hindrance?.sentence).toMatch(expected);
});

test.each([
  ["news at once after the start is not worth a message", { posts: 1, ageMs: 4_999 }, "wait"],
  ["after five seconds it is", { posts: 1, ageMs: 5_000 }, "post"],
  ["nothing new is not", { posts: 1, ageMs: 60_000, said: "b" }, "wait"],
  ["the last message is kept for the end", { posts: MAX_POSTS - 1, ageMs: 900_000 }, "wait"],
  ["the end is always said", { posts: MAX_POSTS - 1, ageMs: 10, ended: true }, "post"],
  ["before the address dies, it says that it will", { posts: 4, ageMs: 28.6 * 60_000 }, "close"],
] as const)("%s", (_, facts, expected) => {
  expect(evaluatePost({ said: "a", now: "b", ended: false, ...facts })).toBe(expected);
});

const EVENT = { "detail-type": "Holdfast Cluster Event" as const, detail: { id: "op#x#b", cluster: "ha" } };

test.each([
  ["master-lost", "🔧 ha: m"],
  ["cluster-whole", "✅ ha: m"],
  ["repair-budget-spent", "🔴 ha: m"],
  ["repair-failed", undefined],
  ["create-requested", undefined],
])("a channel is notified of %s", (type, expected) => {
  const recorded = { event: { type, message: "m" }, cluster: undefined };

  expect(notificationOf(EVENT, recorded)).toEqual(expected && { id: "ha#op#x#b", text: expected });
});

test("L4: an event that the cluster's event history does not have is not posted", () => {
  expect(notificationOf(EVENT, { event: undefined, cluster: undefined })).toBeUndefined();
});

test("a change of status is posted when it is for the worse", () => {
  const change = (status: ClusterStatus, now = status) =>
    notificationOf(
      { "detail-type": "Holdfast Cluster Status Change", detail: { id: "1", cluster: "ha", status } },
      { event: undefined, cluster: { status: now, reason: "No quorum." } },
    );

  expect(change("DEGRADED")?.text).toBe("🔴 ha is DEGRADED. No quorum.");
  expect(change("FAILED")?.text).toBe("🔴 ha is FAILED. No quorum.");
  expect(change("REPAIRING")).toBeUndefined();
  expect(change("FAILED", "ACTIVE")).toBeUndefined();
});

test.each([
  ["https://hooks.slack.com/commands/1", true],
  ["https://hooks.slack.com:443/commands/1", true],
  ["https://hooks.slack.com:444/commands/1", false],
  ["https://user@hooks.slack.com/", false],
  ["https://hooks.slack.com.evil.test/", false],
  ["http://hooks.slack.com/", false],
  ["//hooks.slack.com/", false],
])("%s is on the origin: %s", (address, expected) => {
  expect(isOnOrigin(address, ["https://hooks.slack.com"])).toBe(expected);
});

test.each(["http://chat.example.com", "http://169.254.169.254", "http://127.0.0.1", "https://a/b", "file:///etc"])(
  "%s cannot be configured as an origin",
  (origin) => {
    expect(IngressSettings.safeParse({ secret: "12345678", replyOrigins: [origin] }).success).toBe(false);
  },
);

test("a text of any length becomes one that a message holds", () => {
  const text = plain(`${"line\n".repeat(20_000)}`);

  expect(text.length).toBeLessThan(9_200);
  expect(text).toMatch(/the command line shows all\.$/);
});
