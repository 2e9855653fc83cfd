import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { etcdVariables, pinVersions, softwareVariables } from "../releases/pinned-versions.ts";
import { addressVariables, bootScript, USER_DATA_LIMIT, withVariables } from "./boot-script.ts";

function boot(file: string) {
  return readFileSync(join(import.meta.dirname, "../../hosts/boot", file), "utf8");
}

test.each(["it's", "$(touch /tmp/owned)", "`id`", "a\nb", '"; echo x; "', "{% $eval %}"])(
  "a shell reads %j back as it was",
  (value) => {
    const script = bootScript({ VALUE: value }, ['printf %s "$VALUE"']);

    expect(execFileSync("bash", ["-c", script], { encoding: "utf8" })).toBe(value);
  },
);

test("variables of user data are set again, its scripts stay as they are", () => {
  const made = bootScript({ ADDRESS: "10.0.0.1", MEMBER: "a" }, ['ADDRESS="$ADDRESS"\nprintf %s "$ADDRESS$MEMBER"']);

  expect(withVariables(made, { ADDRESS: "it's 10.0.0.2" })).toBe(
    bootScript({ ADDRESS: "it's 10.0.0.2", MEMBER: "a" }, ['ADDRESS="$ADDRESS"\nprintf %s "$ADDRESS$MEMBER"']),
  );
  expect(() => withVariables(made, { COLOUR: "red" })).toThrow("user data does not set COLOUR");
});

test("user data above EC2's limit is refused", () => {
  expect(() => bootScript({ VALUE: "x".repeat(USER_DATA_LIMIT) }, [])).toThrow("16384 are allowed");
});

test.each(["master.sh", "node.sh"])("%s leaves room for the largest cluster's settings", (file) => {
  const name = "x".repeat(63);
  const versions = pinVersions({ kubernetesVersion: "1.37", networking: { requested: "cilium", used: "cilium" } });
  const seven = Array.from("abcdefg", (member) => ({ name: member, address: "172.20.128.110" }));
  const largest = {
    ...addressVariables(seven),
    CLUSTER: name,
    PARAMETERS: `/holdfast/${name}`,
    ENDPOINT: `${"x".repeat(32)}-0123456789abcdef.elb.ap-southeast-1.amazonaws.com`,
    TABLE: "x".repeat(80),
    INSTANCES: "arn:aws-us-gov:ec2:ap-southeast-1:123456789012:instance/",
    ...softwareVariables(versions),
    ...etcdVariables(versions),
  };
  const scripts = ["unit.sh", "common.sh", "software.sh", "vpc-network.sh", file].map(boot);

  expect(Buffer.byteLength(bootScript(largest, scripts))).toBeLessThanOrEqual(USER_DATA_LIMIT);
});

test.each(["master.sh", "node.sh"])("%s is a script that bash can read", (file) => {
  execFileSync("bash", ["-n"], { input: ["unit.sh", "common.sh", "software.sh", file].map(boot).join("\n") });
});
