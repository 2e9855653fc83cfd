import { expect, test } from "vitest";
import { flags } from "../../../test/support/flags.ts";
import { specFromDocument, specFromFlags, specFromPatch } from "./parse-spec.ts";

function read(given: Readonly<Record<string, string>>) {
  return specFromFlags(flags({ zones: "us-west-2a", ...given }));
}

test("root volumes have the size that is asked for; a spec does not say the defaults", () => {
  expect(read({ "node-volume-size": "20", "control-plane-volume-size": "30" })).toMatchObject({
    ok: true,
    spec: { nodeRootVolumeGiB: 20, masterRootVolumeGiB: 30 },
  });
  for (const given of [{}, { "node-volume-size": "128", "master-volume-size": "64" }, { "node-volume-size": "0" }]) {
    const parsed = read(given);
    expect(parsed.ok && Object.keys(parsed.spec).filter((field) => field.includes("RootVolume"))).toEqual([]);
  }
});

test.each([
  [{ "node-volume-size": "7" }, '--node-volume-size: "7" is out of range; expected 8 to 16384'],
  [{ "master-volume-size": "20G" }, '--master-volume-size: "20G" is not a whole number; expected 8 to 16384'],
  [
    { "master-volume-size": "20", "control-plane-volume-size": "20" },
    "--control-plane-volume-size: --master-volume-size says the same thing; give one of them",
  ],
])("%j is refused", (given, message) => {
  expect(read(given)).toMatchObject({ ok: false, problems: [{ message }] });
});

test("a document has them by their names, and a patch takes them back to the default", () => {
  const document = { name: "ha", zones: ["us-west-2a"], nodeRootVolumeGiB: 20 };
  const parsed = specFromDocument(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));

  const back = specFromPatch(parsed.spec, { document: { nodeRootVolumeGiB: null } });

  expect(parsed.spec.nodeRootVolumeGiB).toBe(20);
  expect(back.ok && back.spec).toEqual({ ...parsed.spec, nodeRootVolumeGiB: undefined });
});
