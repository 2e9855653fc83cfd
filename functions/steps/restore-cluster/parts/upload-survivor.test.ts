import { expect, test } from "vitest";
import { NAME, UID } from "../../../../test/support/steps/records.ts";
import { jobs, REQUEST, storeOf, TOKEN } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { uploadSurvivor } from "./upload-survivor.ts";

const snapshot = { sha256: "b".repeat(64), bytes: 9, revision: 51, keys: 50, totalSize: 4096, term: 3, index: 62 };
const env = {
  UPLOAD_SURVIVOR_DOCUMENT: "upload",
  BACKUP_BUCKET: "bucket",
  SECRETS_KEY_ARN: "arn:key",
};

test("the file of the best one is what all restore", async () => {
  const store = storeOf({ file: null });
  const key = `clusters/${NAME}/${UID}/survivor-${TOKEN}/snapshot.db.gz`;
  const tagged: unknown[] = [];
  const tagObject = async (place: object, tags: object) => tagged.push([place, tags]) > 0;
  const candidates = [
    { member: "a", snapshot: { ...snapshot, index: 61 }, reason: "" },
    { member: "b", snapshot, reason: "" },
    { member: "c", snapshot: null, reason: "it has no former data" },
  ];

  await run(
    uploadSurvivor,
    { store, aws: { ...jobs({ upload: { state: "done", result: { sha256: "" } } }), tagObject }, env },
    { ...REQUEST, candidates },
  );

  expect((await store.getCluster(NAME)).restoration?.file).toMatchObject({
    key,
    revision: 51,
    keys: 50,
  });
  // Unless it is marked, the bucket keeps it for ever.
  expect(tagged).toEqual([[{ bucket: "bucket", key }, { "holdfast:pinned": "no" }]]);
  expect(store.eventTypes()).toEqual(["survivor-chosen"]);
});

test("without any usable data the restore fails with each reason", async () => {
  const candidates = [{ member: "a", snapshot: null, reason: "etcd does not open it" }];

  await expect(
    run(uploadSurvivor, { store: storeOf({ file: null }), aws: {}, env }, { ...REQUEST, candidates }),
  ).rejects.toThrow("no member has usable data: a: etcd does not open it");
});
