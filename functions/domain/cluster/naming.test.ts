import { expect, test } from "vitest";
import {
  balancerName,
  clientToken,
  masterGroupName,
  masterRoleName,
  nodeRoleName,
  nodeTemplateName,
  ownerTags,
  parameterName,
} from "./naming.ts";

const owner = { cluster: "prod.example.com", uid: "01kaatest0000000000000000a", labels: { Team: "Dev" } };
const maxLength = { ...owner, cluster: `${"a".repeat(50)}.example.com` };

test("every resource carries its owner, its logical name and the user's labels", () => {
  expect(ownerTags(owner, "volume/a", { "holdfast:member": "a" })).toEqual({
    Team: "Dev",
    Name: "volume-a.prod.example.com",
    "kubernetes.io/cluster/prod.example.com": "owned",
    "holdfast:cluster": "prod.example.com",
    "holdfast:uid": "01kaatest0000000000000000a",
    "holdfast:resource": "volume/a",
    "holdfast:member": "a",
  });
});

test("a user's label cannot take the place of an owner's tag", () => {
  const forged = { ...owner, labels: { "holdfast:uid": "another" } };

  expect(ownerTags(forged, "vpc")["holdfast:uid"]).toBe("01kaatest0000000000000000a");
});

test("a client token is the same for the same thing and another for its next generation", () => {
  expect(clientToken(owner, "volume/a")).toBe(clientToken(owner, "volume/a"));
  expect(clientToken(owner, "volume/a", 2)).not.toBe(clientToken(owner, "volume/a"));
  expect(clientToken({ ...owner, uid: "other" }, "volume/a")).not.toBe(clientToken(owner, "volume/a"));
  expect(clientToken(owner, "volume/a")).toMatch(/^[0-9a-f]{40}$/);
});

test("names fit what AWS allows, for the longest cluster name too", () => {
  expect(balancerName(maxLength)).toMatch(/^[a-zA-Z0-9-]{1,32}$/);
  expect(masterRoleName(maxLength, "a").length).toBeLessThanOrEqual(64);
  expect(nodeRoleName(maxLength).length).toBeLessThanOrEqual(64);
  expect(masterGroupName(maxLength, "a").length).toBeLessThanOrEqual(255);
  expect(nodeTemplateName(maxLength).length).toBeLessThanOrEqual(128);
});

test("masters' parameters lie apart from those that nodes may read", () => {
  expect(parameterName.member(owner, "a")).toBe("/holdfast/prod.example.com/masters/a");
  expect(parameterName.authorities(owner)).toBe("/holdfast/prod.example.com/control/authorities");
});
