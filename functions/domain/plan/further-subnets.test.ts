import { expect, test } from "vitest";
import { planFurtherSubnets } from "./further-subnets.ts";
import { carveSubnets } from "./subnets.ts";

const [A, B, C, D, E] = ["a", "b", "c", "d", "e"].map((letter) => `us-west-2${letter}`) as [
  string,
  string,
  string,
  string,
  string,
];
const NETWORK = "172.20.0.0/16";

function further(
  topology: "public" | "private",
  has: readonly string[],
  zones: readonly string[],
  others: readonly string[] = [],
) {
  return planFurtherSubnets({ networkCidr: NETWORK, topology }, carveSubnets(NETWORK, has, topology), others, zones);
}

test("a fourth zone gets the slice of the network that was left", () => {
  expect(further("public", [A, B, C], [D])).toEqual({
    ok: true,
    subnets: [{ zone: D, type: "public", cidr: "172.20.192.0/18", name: D }],
  });
});

test("a private zone gets a utility subnet like the others, and what is left for its machines", () => {
  expect(further("private", [A, B, C], [D])).toEqual({
    ok: true,
    subnets: [
      { zone: D, type: "utility", cidr: "172.20.24.0/21", name: `utility-${D}` },
      { zone: D, type: "private", cidr: "172.20.32.0/19", name: D },
    ],
  });
});

test("two zones come one after the other, the second out of what the first left", () => {
  expect(further("public", [A, B, C], [D, E])).toMatchObject({
    ok: false,
    zone: E,
    free: 0,
  });
  expect(further("private", [A], [B, C])).toMatchObject({
    ok: true,
    subnets: [
      { name: `utility-${B}`, cidr: "172.20.16.0/20" },
      { name: B, cidr: "172.20.64.0/18" },
      { name: `utility-${C}`, cidr: "172.20.32.0/20" },
      { name: C, cidr: "172.20.48.0/20" },
    ],
  });
});

test("what somebody else made in the network is left alone", () => {
  expect(further("public", [A, B, C], [D], ["172.20.192.0/24"])).toEqual({
    ok: true,
    subnets: [{ zone: D, type: "public", cidr: "172.20.224.0/19", name: D }],
  });
});

test("a network that one subnet fills has no room, and the answer has the numbers", () => {
  expect(further("public", [A], [B])).toEqual({ ok: false, zone: B, type: "public", needed: 256, free: 0 });
});
