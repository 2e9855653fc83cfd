import { expect, test } from "vitest";
import { MountTable } from "./units/mount-table.ts";

const root = { id: "1", root: "/", target: "/" };
const device = { id: "66", root: "/v/volumes/vol-1", target: "/dev/volumes/nvme1n1" };
const data = { id: "67", root: "/v/volumes/vol-1/data", target: "/data" };

test("a volume that stays mounted is no loss", () => {
  const table = new MountTable();

  expect(table.losses([root, device, data])).toEqual([]);
  expect(table.losses([root, device, data])).toEqual([]);
  expect(table.orphans()).toEqual([]);
});

test("a volume that was unmounted is reported once", () => {
  const table = new MountTable();
  table.losses([root, device, data]);

  expect(table.losses([root, device])).toEqual([{ target: "/data", what: "unmounted" }]);
  expect(table.losses([root, device])).toEqual([]);
});

test("a device that went away beneath its mount is reported once, and is an orphan until it is unmounted", () => {
  const table = new MountTable();
  table.losses([root, device, data]);
  const torn = { ...data, root: "/v/volumes/vol-1.torn/data//deleted" };

  expect(table.losses([root, torn])).toEqual([{ target: "/data", what: "device-gone" }]);
  expect(table.losses([root, torn])).toEqual([]);
  expect(table.orphans()).toEqual(["/data"]);
  expect(table.losses([root])).toEqual([]);
  expect(table.orphans()).toEqual([]);
});

test("a volume that is mounted again under the id of the former mount is no orphan", () => {
  const table = new MountTable();
  table.losses([root, device, data]);
  table.losses([root, { ...data, root: "/v/volumes/vol-1.torn/data//deleted" }]);

  expect(table.losses([root, device, data])).toEqual([]);
  expect(table.orphans()).toEqual([]);
});

test("what is no volume is no loss", () => {
  const table = new MountTable();
  table.losses([root, { id: "9", root: "/", target: "/tmp" }]);

  expect(table.losses([root])).toEqual([]);
});

test("a mount point says when a volume was last mounted there, and the same for as long as it is", async () => {
  const table = new MountTable();
  const sinceAfter = async (...now: (typeof data)[]) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    table.losses(now);
    return table.since("/data");
  };

  expect(await sinceAfter(root, device)).toBe(0);
  const first = await sinceAfter(root, device, data);
  expect(first).toBeGreaterThan(0);
  expect(await sinceAfter(root, device, data)).toBe(first);
  expect(await sinceAfter(root, device)).toBe(first);
  expect(await sinceAfter(root, device, { ...data, id: "68" })).toBeGreaterThan(first);
});
