import { expect, test } from "vitest";
import { manifestOf } from "../../../test/support/backups.ts";
import { explainDamage } from "./backup-check.ts";

const SHA256 = "a".repeat(64);
const BYTES = 5_242_880;

/** What is wrong with a file that was uploaded in parts, of which S3 has this checksum now. */
function damageOf(checksum: string | null, atUpload: string | undefined): string | undefined {
  const object = { bytes: BYTES, sha256: SHA256, ...(atUpload === undefined ? {} : { checksum: atUpload }) };
  const manifest = manifestOf({ objects: { "snapshot.db.gz": object } });
  return explainDamage({
    id: manifest.id,
    manifest: { ok: true, manifest },
    snapshot: { bytes: BYTES, sha256: null, checksum },
  });
}

test("17.6: another file of the same size, uploaded in parts as the first was, has another checksum in S3", () => {
  expect(damageOf("b25l-3", "b25l-3")).toBeUndefined();
  expect(damageOf("dHdv-3", "b25l-3")).toContain(
    "its file has the checksum dHdv-3 in S3, and its manifest says b25l-3",
  );
});

test("a manifest of before, or an upload without a checksum, is for a host to read", () => {
  expect(damageOf("b25l-3", undefined)).toBeUndefined();
  expect(damageOf(null, "b25l-3")).toBeUndefined();
});
