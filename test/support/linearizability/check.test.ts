import { expect, test } from "vitest";
import { checkLinearizable } from "./check.ts";
import { cas, read, write } from "./histories.ts";

function evaluate(...history: Parameters<typeof checkLinearizable>[0]): string {
  return checkLinearizable(history).kind;
}

test("nothing, and reads of a register that was never written, are linearizable", () => {
  expect(evaluate()).toBe("linearizable");
  expect(evaluate(read(1, [0, 1], null), read(2, [0, 3], null))).toBe("linearizable");
});

test("a read that overlaps a write may see it, or not yet", () => {
  expect(evaluate(write(1, [0, 10], "a"), read(2, [2, 4], null))).toBe("linearizable");
  expect(evaluate(write(1, [0, 10], "a"), read(2, [2, 4], "a"))).toBe("linearizable");
});

test("a stale read: the write was answered before the read was asked", () => {
  expect(evaluate(write(1, [0, 1], "a"), write(1, [2, 3], "b"), read(2, [4, 5], "a"))).toBe("violation");
});

test("a value that was seen is not unseen, even while the write still runs", () => {
  expect(evaluate(write(1, [0, 10], "a"), read(2, [1, 2], "a"), read(3, [3, 4], null))).toBe("violation");
  expect(evaluate(write(1, [0, 10], "a"), read(2, [1, 3], "a"), read(3, [2, 4], null))).toBe("linearizable");
});

test("a read of a value that nobody wrote", () => {
  expect(evaluate(write(1, [0, 1], "a"), read(2, [2, 3], "z"))).toBe("violation");
});

test("a lost update: two swaps from the same value both succeed", () => {
  const first = write(1, [0, 1], "a");
  expect(evaluate(first, cas(1, [2, 5], "a", "b"), cas(2, [3, 6], "a", "c"))).toBe("violation");
  expect(evaluate(first, cas(1, [2, 5], "a", "b"), cas(2, [3, 6], "a", "c", false))).toBe("linearizable");
});

test("an acknowledged write that is gone", () => {
  expect(evaluate(write(1, [0, 1], "a"), read(2, [2, 3], null))).toBe("violation");
});

test("a refused swap proves that the register held something else", () => {
  expect(evaluate(write(1, [0, 1], "a"), cas(2, [2, 3], "a", "b", false))).toBe("violation");
});

test("a write without an answer may take effect much later", () => {
  const lost = write(1, [0], "a");
  expect(evaluate(lost, read(2, [5, 6], null), read(2, [7, 8], null), read(2, [9, 10], "a"))).toBe("linearizable");
});

test("a write without an answer may never take effect", () => {
  expect(evaluate(write(1, [0], "a"), write(2, [1, 2], "b"), read(2, [9, 10], "b"))).toBe("linearizable");
});

test("a write without an answer takes effect once at most", () => {
  const lost = write(1, [0], "a");
  const others = [write(2, [1, 2], "b"), read(2, [3, 4], "a"), write(2, [5, 6], "c"), read(2, [7, 8], "a")];
  expect(evaluate(lost, ...others)).toBe("violation");
});

test("a write without an answer does not take effect before it was asked", () => {
  expect(evaluate(read(2, [0, 1], "a"), write(1, [2], "a"))).toBe("violation");
});

test("a swap without an answer may have swapped, or not", () => {
  const lost = [write(1, [0, 1], "a"), cas(1, [2], "a", "b")] as const;
  expect(evaluate(...lost, read(2, [3, 4], "b"))).toBe("linearizable");
  expect(evaluate(...lost, read(2, [3, 4], "a"), read(2, [5, 6], "b"))).toBe("linearizable");
  expect(evaluate(...lost, read(2, [3, 4], "b"), read(2, [5, 6], "a"))).toBe("violation");
});

test("keys are registers of their own, and the one that is wrong is named", () => {
  const other = { ...read(2, [2, 3], null), key: "y" };

  expect(evaluate(write(1, [0, 1], "a"), other)).toBe("linearizable");
  const wrong = { ...read(2, [4, 5], "a"), key: "y" };
  expect(checkLinearizable([write(1, [0, 1], "a"), other, wrong])).toMatchObject({ kind: "violation", key: "y" });
});

test("a violation says what had an order, and what could not come next", () => {
  const result = checkLinearizable([write(1, [0, 1], "a"), write(1, [2, 3], "b"), read(2, [4, 5], "a")]);

  expect(result).toEqual({
    kind: "violation",
    key: "x",
    explanation: [
      "2 of 3 operations have an order; its end:",
      "  client 1, x: write a = done (0.0–1.0 ms)",
      "  client 1, x: write b = done (2.0–3.0 ms)",
      "then the register holds b, and none of these can come next:",
      "  client 2, x: read = a (4.0–5.0 ms)",
    ].join("\n"),
  });
});

test("a search that becomes too long is unknown, never a pass or a violation", () => {
  const crowd = Array.from({ length: 12 }, (_, client) => write(client, [client, 100 + client], `v${client}`));

  const result = checkLinearizable([...crowd, read(99, [200, 201], "nobody's")], 1_000);

  expect(result).toMatchObject({ kind: "unknown", key: "x" });
});
