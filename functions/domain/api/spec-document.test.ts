import fc from "fast-check";
import { expect, test } from "vitest";
import { FIELDS } from "../spec/field-table.ts";
import { specFromDocument } from "../spec/parse-spec.ts";
import { SpecDocument } from "./spec-document.ts";

const GOOD = { name: "a.example.com", zones: ["us-west-2a", "us-west-2b", "us-west-2c"] };

test("every field that a spec may have is in the document", () => {
  const fields = [...Object.keys(FIELDS), "version"];

  expect(Object.keys(SpecDocument.shape).toSorted()).toEqual(fields.toSorted());
});

test("a field that the parser takes is as the document says", () => {
  // Blanks around a text are forgiven by the parser and not advertised by the document.
  const any = fc.string({ maxLength: 70 }).map((given) => given.trim());
  const text = (...known: string[]) => fc.oneof(fc.constantFrom(...known), any);
  const field = fc.oneof(
    fc.record({ name: text("b", "b.example.com", "B") }),
    fc.record({ zones: fc.array(text(...GOOD.zones), { maxLength: 3 }) }),
    fc.record({ masterZones: fc.array(text(...GOOD.zones), { maxLength: 9 }) }),
    fc.record({ masterCount: fc.integer({ min: -1, max: 9 }) }),
    fc.record({ nodeCount: fc.integer({ min: -5, max: 1005 }) }),
    fc.record({ etcdVolumeGiB: fc.integer({ min: -5, max: 1030 }) }),
    fc.record({ nodeSize: text("t3.medium", "m5", "M5.large") }),
    fc.record({ topology: text("public", "private") }),
    fc.record({ networking: text("cilium", "weave", "kubenet") }),
    fc.record({ nodeSecurityGroups: fc.array(text("sg-01234567", "sg-0123456789abcdef0", "i-abcd1234")) }),
  );
  fc.assert(
    fc.property(field, (given) => {
      const document = { ...GOOD, ...given };
      if (specFromDocument(document).ok) expect(SpecDocument.safeParse(document).error).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test("blanks around a text are forgiven", () => {
  const parsed = specFromDocument({ ...GOOD, name: " a.example.com ", zones: ["us-west-2a ", " us-west-2b"] });

  expect(parsed).toMatchObject({ ok: true, spec: { name: "a.example.com", zones: ["us-west-2a", "us-west-2b"] } });
});

test("a cluster without zones is refused, and so is one whose masters have none", () => {
  expect(specFromDocument({ ...GOOD, zones: [] }).ok).toBe(false);
  expect(specFromDocument({ ...GOOD, masterZones: [] }).ok).toBe(false);
});

test("an empty list of sizes is refused, with the reason", () => {
  const parsed = specFromDocument({ ...GOOD, masterSize: [] });

  expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ flag: "masterSize", value: "[]" }]);
});

test("whatever is sent as a spec is planned or refused with every problem, and nothing is thrown", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(SpecDocument.shape), "other"), fc.jsonValue()),
      (document) => {
        const parsed = specFromDocument({ ...GOOD, ...document });
        if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["an object that has no text", { toString: null }],
  ["a list that holds a good value", [15]],
])("%s is refused in every field without an exception", (_what, value) => {
  for (const field of Object.keys(SpecDocument.shape)) {
    expect(() => specFromDocument({ ...GOOD, [field]: value }), field).not.toThrow();
  }
  expect(specFromDocument({ ...GOOD, backupIntervalMinutes: value }).ok).toBe(false);
});
