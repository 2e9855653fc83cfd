import { expect, test } from "vitest";
import { chooseFurtherBlock } from "./further-block.ts";
import { POD_CIDR, SERVICE_CIDR } from "./networks.ts";

const USED = [POD_CIDR, SERVICE_CIDR];

function choose(first: string, ...more: string[]) {
  return chooseFurtherBlock(first, [first, ...more], USED);
}

test("18: a further block is the next of its size in the same private range", () => {
  expect(choose("172.20.0.0/16")).toBe("172.21.0.0/16");
  expect(choose("172.20.0.0/16", "172.21.0.0/16")).toBe("172.22.0.0/16");
  expect(choose("10.3.0.0/20")).toBe("10.3.16.0/20");
  expect(choose("192.168.128.0/17")).toBe("192.168.0.0/17");
});

test("18: what AWS refuses is left out: 172.31.0.0/16, and 10.0.0.0/16 beside a block of 10.0.0.0/15; so is Docker's", () => {
  expect(choose("172.30.0.0/16")).toBe("172.16.0.0/16");
  expect(choose("172.16.0.0/16")).toBe("172.18.0.0/16");
  expect(choose("10.255.0.0/16", "10.1.0.0/16")).toBe("10.2.0.0/16");
  expect(choose("10.255.0.0/16")).toBe("10.0.0.0/16");
});

test("18: blocks that the VPC has, of whatever size, and blocks of pods are left alone", () => {
  expect(choose("172.20.0.0/16", "172.21.240.0/20")).toBe("172.22.0.0/16");
  expect(chooseFurtherBlock("10.3.0.0/16", ["10.3.0.0/16"], ["10.4.0.0/14"])).toBe("10.8.0.0/16");
});

test("18: there is none in a range that is full, nor beyond five", () => {
  expect(choose("192.168.0.0/16")).toBeUndefined();
  expect(choose("172.20.0.0/16", "172.21.0.0/16", "172.22.0.0/16", "172.23.0.0/16", "172.24.0.0/16")).toBeUndefined();
});
