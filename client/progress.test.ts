import { expect, test } from "vitest";
import type { StepView } from "../functions/domain/api/views.ts";
import { clusterView, operationView } from "../test/support/views.ts";
import { formatDuration } from "./durations.ts";
import { progressFor } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

function NOW() {
  return Date.parse("2026-11-22T10:00:10Z");
}

function fakeTerminal(): Terminal & { readonly written: string[] } {
  const written: string[] = [];
  const out = (text: string) => written.push(text);
  return { written, columns: 60, interactive: true, out, note: out, paint: (_, text) => text };
}

const AT = "2026-11-22T10:00:00Z";

function step(name: string, member: string | null, change: Partial<StepView> = {}): StepView {
  return { name, member, status: "RUNNING", startedAt: AT, finishedAt: null, message: null, ...change };
}

function done(name: string, member: string | null = null, second = "07"): StepView {
  return step(name, member, { status: "DONE", finishedAt: `2026-11-22T10:00:${second}Z` });
}

test("a phase that has ended is written once, and only what runs is repainted, cut to the width", () => {
  const terminal = fakeTerminal();
  const progress = progressFor(terminal, terminal.out, NOW);
  const network = done("Create network");

  progress.show({ operation: operationView({ steps: [step("Create network", null)] }), cluster: null });
  progress.show({
    operation: operationView({ steps: [network, step("Await member", "a"), step("Await member", "b")] }),
    cluster: clusterView(),
  });
  progress.show({ operation: operationView({ steps: [network], status: "SUCCEEDED" }), cluster: clusterView() });

  expect(terminal.written).toEqual([
    "•    10s  Create network\n",
    "\u001b[1A\u001b[J✓     7s  Create network\n•    10s  Await member (a, b)\n\n" +
      "Members  a healthy, b healthy, c healthy\nQuorum   3/3, 2 needed, leader b\nNodes    3/3 ready\n",
    "\u001b[5A\u001b[J",
  ]);
});

test("a phase of several members ends with the last of them, in one line", () => {
  const terminal = fakeTerminal();
  const progress = progressFor(terminal, terminal.out, NOW);
  const show = (...steps: StepView[]) => progress.show({ operation: operationView({ steps }), cluster: null });

  show(done("Prepare member", "a", "05"), step("Prepare member", "b"));
  show(done("Prepare member", "a", "05"), done("Prepare member", "b", "08"));

  expect(terminal.written).toEqual([
    "•    10s  Prepare member (b)\n",
    "\u001b[1A\u001b[J✓     8s  Prepare member (a, b)\n",
  ]);
});

test("what is repainted never has more lines than the terminal", () => {
  const terminal = { ...fakeTerminal(), rows: 12 };
  const steps = Array.from({ length: 20 }, (_, index) => step(`Step ${index}`, null));

  progressFor(terminal, terminal.out, NOW).show({ operation: operationView({ steps }), cluster: clusterView() });

  expect(terminal.written[0]?.trimEnd().split("\n")).toHaveLength(11);
  expect(terminal.written[0]).toContain("  … and 14 more\n");
});

test("a terminal that became narrower has wrapped what was painted, and all of it is erased", () => {
  const terminal = { ...fakeTerminal(), columns: 60 };
  const progress = progressFor(terminal, terminal.out, NOW);
  const operation = operationView({ steps: [step("Await member", "a", { message: "etcd has not answered yet" })] });

  progress.show({ operation, cluster: null });
  terminal.columns = 30;
  progress.show({ operation, cluster: null });

  expect(terminal.written[1]).toMatch(/^\u001b\[2A\u001b\[J/);
});

test("without a terminal a step that has ended is said with the time of its end, however late it is read", () => {
  const terminal = { ...fakeTerminal(), interactive: false };
  const startedAt = "2026-11-22T10:00:00.000Z";
  const times = { startedAt, finishedAt: "2026-11-22T10:00:04.000Z" };
  const steps = [step("Create network", null, { ...times, status: "DONE" })];
  const operation = operationView({ ...times, finishedAt: "2026-11-22T10:00:09.000Z", status: "SUCCEEDED", steps });

  progressFor(terminal, terminal.out, NOW).show({ operation, cluster: clusterView() });

  expect(terminal.written[0]).toBe("    4s  Create network: done (4s)\n");
  expect(terminal.written.at(-1)).toBe("    9s  cluster: ACTIVE\n");
});

test("text of a step cannot steer the terminal", () => {
  const terminal = fakeTerminal();
  const steps = [step("Create network", null, { status: "WAITING", message: "\u001b[2Jgone" })];

  progressFor(terminal, terminal.out, NOW).show({ operation: operationView({ steps }), cluster: null });

  expect(terminal.written).toEqual(["…    10s  Create network:  [2Jgone\n"]);
});

test.each([
  [850, "850ms"],
  [12_400, "12s"],
  [185_000, "3m05s"],
  [3_720_000, "1h02m"],
])("%i ms are %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
