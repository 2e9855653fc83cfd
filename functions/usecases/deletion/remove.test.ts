import { expect, test } from "vitest";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { AccessMissing, NotReadyYet } from "../../domain/cluster/errors.ts";
import { attemptEach, removeAll } from "./remove.ts";

const deps = { clock: new TestClock() };

test("one that is not ready keeps no other from being removed, and is named", async () => {
  const removed: string[] = [];
  const act = async (id: string) => {
    if (id === "sg-2") throw new NotReadyYet("sg-2 is in use");
    removed.push(id);
  };

  await expect(attemptEach(["sg-1", "sg-2", "sg-3"], act)).rejects.toThrow("sg-2 is in use");

  expect(removed).toEqual(["sg-1", "sg-3"]);
});

test("an error that no waiting fixes wins over those that waiting does", async () => {
  const act = async (id: string) => {
    throw id === "sg-1" ? new NotReadyYet("in use") : new AccessMissing("not allowed");
  };

  await expect(attemptEach(["sg-1", "sg-2"], act)).rejects.toThrow(AccessMissing);
});

test("what is in use at first is asked for again, until a look finds nothing", async () => {
  const there = new Set(["vol-1", "vol-2"]);
  const asked: string[] = [];
  const remove = async (id: string) => {
    asked.push(id);
    if (asked.length === 1) throw new NotReadyYet("vol-1 is in use");
    there.delete(id);
  };

  await removeAll(deps, "volumes", { find: async () => [...there], remove, id: (id) => id });

  expect(asked).toEqual(["vol-1", "vol-2", "vol-1"]);
  expect(there.size).toBe(0);
});

test("a denial about what has gone since it was found is no missing permission", async () => {
  const there = new Set(["group-a", "group-b"]);
  const remove = async (id: string) => {
    const isGone = !there.delete(id);
    there.clear();
    if (isGone) throw new AccessMissing(`${id} has no tags`);
  };

  await removeAll(deps, "groups", { find: async () => [...there], remove, id: (id) => id });

  expect(there.size).toBe(0);
});

test("17: a denial of a look at what has gone since it was listed is no missing permission; one that lasts is", async () => {
  let looks = 0;
  const find = async (): Promise<string[]> => {
    looks += 1;
    if (looks === 1) throw new AccessMissing("iam:GetRole on resource: role r-1");
    return [];
  };
  const never = async () => Promise.reject(new AccessMissing("iam:GetRole"));
  const rest = { remove: async () => {}, id: (id: string) => id };

  await removeAll(deps, "roles", { find, ...rest });

  expect(looks).toBe(2);
  await expect(removeAll(deps, "roles", { find: never, ...rest })).rejects.toThrow(AccessMissing);
});

test("a denial about what stays is a missing permission", async () => {
  const remove = async () => {
    throw new AccessMissing("not allowed");
  };

  const removal = removeAll(deps, "groups", { find: async () => ["group-a"], remove, id: (id) => id });

  await expect(removal).rejects.toThrow(AccessMissing);
});
