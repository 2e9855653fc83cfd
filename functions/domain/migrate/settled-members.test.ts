import { expect, test } from "vitest";
import { clusterRecord, memberRecord } from "../../../test/support/steps/records.ts";
import { isSettled, settledMembers } from "./settled-members.ts";

const members = [memberRecord("a"), { ...memberRecord("b"), migrating: "leaving" as const }, memberRecord("c")];

test("a member that a migration takes away is none that repairs look after", () => {
  expect(settledMembers(members).map(({ member }) => member)).toEqual(["a", "c"]);
  expect(["a", "b", "c"].map((member) => isSettled(member, clusterRecord(), members))).toEqual([true, false, true]);
});

test("a slot that is no more is not repaired; one without a record yet is", () => {
  const { plan } = clusterRecord();
  const left = { plan: { ...plan, members: plan.members.filter(({ name }) => name !== "c") } };

  expect(isSettled("c", left, members)).toBe(false);
  expect(isSettled("a", left, [])).toBe(true);
});
