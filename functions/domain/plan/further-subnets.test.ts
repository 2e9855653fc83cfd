import { expect, test } from "vitest";
import { POD_CIDR, SERVICE_CIDR } from "../network/networks.ts";
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
  { others = [], added = [] }: { readonly others?: readonly string[]; readonly added?: readonly string[] } = {},
) {
  const network = { requested: "cilium", used: "cilium", cidr: NETWORK, pods: POD_CIDR, services: SERVICE_CIDR };
  const plan = { subnets: carveSubnets(NETWORK, has, topology), network };
  return planFurtherSubnets({ topology }, { plan, blocks: [NETWORK, ...added], others }, zones);
}

test("a fourth zone gets the slice of the network that was left", () => {
  expect(further("public", [A, B, C], [D])).toEqual({
    ok: true,
    subnets: [{ zone: D, type: "public", cidr: "172.20.192.0/18", name: D }],
    addedBlocks: [],
  });
});

test("a private zone gets a utility subnet like the others, and what is left for its machines", () => {
  expect(further("private", [A, B, C], [D])).toEqual({
    ok: true,
    subnets: [
      { zone: D, type: "utility", cidr: "172.20.24.0/21", name: `utility-${D}` },
      { zone: D, type: "private", cidr: "172.20.32.0/19", name: D },
    ],
    addedBlocks: [],
  });
});

test("two zones come one after the other, the second out of what the first left", () => {
  expect(further("public", [A, B, C], [D, E])).toMatchObject({
    ok: true,
    subnets: [
      { name: D, cidr: "172.20.192.0/18" },
      { name: E, cidr: "172.21.0.0/19" },
    ],
    addedBlocks: ["172.21.0.0/16"],
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
  expect(further("public", [A, B, C], [D], { others: ["172.20.192.0/24"] })).toEqual({
    ok: true,
    subnets: [{ zone: D, type: "public", cidr: "172.20.224.0/19", name: D }],
    addedBlocks: [],
  });
});

test("18: a network that one subnet fills gets a further block, which has room for eight zones", () => {
  const subnets = [
    { zone: B, type: "public", cidr: "172.21.0.0/19", name: B },
    { zone: C, type: "public", cidr: "172.21.32.0/19", name: C },
  ];

  expect(further("public", [A], [B, C])).toEqual({ ok: true, subnets, addedBlocks: ["172.21.0.0/16"] });
  // A run that died had added it already.
  expect(further("public", [A], [B, C], { added: ["172.21.0.0/16"] })).toEqual({ ok: true, subnets, addedBlocks: [] });
});

test("18: a network of a range that is full has no room, and the answer has the numbers", () => {
  const network = {
    requested: "cilium",
    used: "cilium",
    cidr: "192.168.0.0/16",
    pods: POD_CIDR,
    services: SERVICE_CIDR,
  };
  const plan = { subnets: carveSubnets("192.168.0.0/16", [A], "public"), network };

  expect(planFurtherSubnets({ topology: "public" }, { plan, blocks: ["192.168.0.0/16"], others: [] }, [B])).toEqual({
    ok: false,
    zone: B,
    type: "public",
    needed: 256,
    free: 0,
  });
});
