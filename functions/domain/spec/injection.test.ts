import { expect, test } from "vitest";
import { flags } from "../../../test/support/flags.ts";
import { FIELDS as ROWS } from "./field-table.ts";
import { specFromDocument, specFromFlags } from "./parse-spec.ts";

/** What a shell, a template, JSONata, a log, a terminal or a chat would take for more than text (X1 of the fault model). */
const PAYLOADS: readonly (readonly [string, string])[] = [
  ["a command substitution", "$(reboot)"],
  ["backticks", "`reboot`"],
  ["a double quote", 'x";reboot;"'],
  ["a single quote", "x';reboot;'"],
  ["a second line", "x\nreboot"],
  ["a way out of a path", "../../etc/passwd"],
  ["a JSONata expression", "{% $states.input %}"],
  ["a call to a whole channel", "<!channel>"],
  ["an escape of terminals", "\u001b[2Jx"],
  ["an override of the direction of writing", "x\u202egpj.exe"],
  ["the end of a text in C", "x\u0000y"],
  ["a hundred kilobytes", "x".repeat(100_000)],
];
/** `--state` is taken for kops's sake, and nothing reads what it says. */
const FIELDS = Object.values(ROWS).flatMap(({ flags: [flag] }) =>
  ["NAME", "region", "--state"].includes(flag) ? [] : [flag],
);
const VALID = { zones: "us-west-2a" };

test.each(PAYLOADS)("%s is no name of a cluster", (_, payload) => {
  for (const name of [payload, `prod${payload}.example.com`]) {
    const parsed = specFromFlags(flags({ ...VALID, NAME: name }));
    expect(parsed.ok ? [] : parsed.problems.map(({ flag }) => flag)).toContain("NAME");
  }
});

test.each(PAYLOADS)("%s is refused in every field, by the field's name", (_, payload) => {
  const accepted = FIELDS.filter((flag) => {
    const value = flag === "--cloud-labels" ? `Team=${payload}` : payload;
    const parsed = specFromFlags(flags({ ...VALID, [flag.slice(2)]: value }));
    return parsed.ok || !parsed.problems.some((problem) => problem.flag === flag);
  });

  expect(accepted).toEqual([]);
});

test.each(PAYLOADS)("%s is shown back bounded, on one line and without control characters", (_, payload) => {
  const parsed = specFromFlags(flags({ ...VALID, NAME: payload, image: payload, "cloud-labels": `${payload}=x` }));
  const texts = parsed.ok ? [] : parsed.problems.flatMap(({ value, message }) => [value, message]);

  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) {
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text.length).toBeLessThan(500);
  }
});

test.each(PAYLOADS)("%s as the name of a field is refused, not read", (_, payload) => {
  const parsed = specFromDocument({ name: "prod.example.com", zones: ["us-west-2a"], [payload]: "x" });

  expect(parsed.ok).toBe(false);
});
