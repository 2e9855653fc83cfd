import { expect, test } from "vitest";
import { hosts, REQUEST, report, storeOf, TOKEN } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { keepData } from "./keep-data.ts";

const env = { KEEP_DATA_DOCUMENT: "keep-data" };

test("the rename comes first, then a snapshot by a name of its own", async () => {
  const store = storeOf();
  const named: string[] = [];
  const ensureKeptSnapshot = async (_: unknown, { name }: { readonly name: string }) => {
    named.push(name);
    return "snap-1";
  };
  const aws = { ...hosts({ a: report("a") }), ensureKeptSnapshot } as never;

  await run(keepData, { store, aws, env }, { ...REQUEST, member: "a" });

  expect(named).toEqual([TOKEN]);
  expect(store.member("a")?.restoring?.keptSnapshot).toBe("snap-1");
});

test("while the data lies where it was nothing is said to be kept", async () => {
  const store = storeOf();
  const aws = hosts({ a: report("a", { data: "former" }) });

  await expect(run(keepData, { store, aws, env }, { ...REQUEST, member: "a" })).rejects.toThrow(NotReadyYet);
  expect(store.member("a")?.restoring?.keptSnapshot).toBeUndefined();
});
