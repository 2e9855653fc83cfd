import { expect, test } from "vitest";
import { clusterView, operationView } from "../test/support/views.ts";
import { formatDuration } from "./durations.ts";
import { progressFor } from "./progress.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

function NOW() {
  return Date.parse("2026-11-22T10:00:10Z");
}

function fakeTerminal(): Terminal & { readonly written: string[] } {
  const written: string[] = [];
  const out = (text: string) => written.push(text);
  return { written, columns: 60, interactive: true, out, note: out, paint: (_, text) => text };
}

test("on a terminal the block is repainted in place, each line cut to the width", () => {
  const terminal = fakeTerminal();
  const progress = progressFor(terminal, terminal.out, NOW);

  progress.show({ operation: operationView(), cluster: null });
  progress.show({ operation: operationView(), cluster: clusterView() });

  expect(terminal.written).toEqual([
    "✓     7s  Create network\n",
    "\u001b[1A\u001b[J✓     7s  Create network\n\n" +
      "Members  a (us-west-2a) healthy, b (us-west-2b) healthy, c \n" +
      "Quorum   3/3, 2 needed, leader b\nNodes    3/3 ready\n",
  ]);
});

test("text of a step cannot steer the terminal", () => {
  const terminal = fakeTerminal();
  const [step] = operationView().steps;
  const steps = step ? [{ ...step, status: "WAITING" as const, finishedAt: null, message: "\u001b[2Jgone" }] : [];

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

test("a table gives up width in its widest column", () => {
  const text = table(["ID", "MESSAGE"], [["1", "a long message about a master"]], 20);

  expect(text).toBe("ID  MESSAGE\n1   a long message …\n");
});
