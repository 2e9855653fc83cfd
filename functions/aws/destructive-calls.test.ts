import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Owned } from "../domain/ownership/ownership.ts";
import { deleteVolume } from "./ec2/removal.ts";

const ROOT = join(import.meta.dirname, "..");
/** `DeleteCommand`, of an item in the table, destroys nothing in the account. */
const DESTRUCTIVE = /new ((?:Delete|Terminate|Detach|Release|Deregister|Remove|Revoke|Disassociate)\w+Command)\b/g;

/** Text of every source file, by its path below `functions/`. */
const sources = new Map(
  globSync("**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] })
    .toSorted()
    .map((path) => [path, readFileSync(join(ROOT, path), "utf8")] as const),
);

/** Top-level declarations, each with its text: no function of ours stands within another one that has a name. */
function declarationsOf(text: string): string[] {
  return text.split(/^(?=(?:export )?(?:const|class|function|async function) )/m);
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(DESTRUCTIVE)].map(([, command = ""]) => command);
}

test("commands that destroy are used in these gateways, and nowhere else", () => {
  const found = [...sources].flatMap(([path, text]) => commandsIn(text).map((command) => `${path} ${command}`));

  expect(found.toSorted()).toEqual([
    "aws/auto-scaling/instances.ts TerminateInstanceInAutoScalingGroupCommand",
    "aws/auto-scaling/removal.ts DeleteAutoScalingGroupCommand",
    "aws/ec2/removal.ts DeleteInternetGatewayCommand",
    "aws/ec2/removal.ts DeleteLaunchTemplateCommand",
    "aws/ec2/removal.ts DeleteNatGatewayCommand",
    "aws/ec2/removal.ts DeleteNetworkInterfaceCommand",
    "aws/ec2/removal.ts DeleteRouteTableCommand",
    "aws/ec2/removal.ts DeleteSecurityGroupCommand",
    "aws/ec2/removal.ts DeleteSubnetCommand",
    "aws/ec2/removal.ts DeleteVolumeCommand",
    "aws/ec2/removal.ts DeleteVpcCommand",
    "aws/ec2/removal.ts DetachInternetGatewayCommand",
    "aws/ec2/removal.ts DisassociateSecurityGroupVpcCommand",
    "aws/ec2/removal.ts ReleaseAddressCommand",
    "aws/ec2/removal.ts RevokeSecurityGroupEgressCommand",
    "aws/ec2/removal.ts RevokeSecurityGroupIngressCommand",
    "aws/ec2/removal.ts TerminateInstancesCommand",
    "aws/ec2/storage.ts DetachVolumeCommand",
    "aws/iam/removal.ts DeleteInstanceProfileCommand",
    "aws/iam/removal.ts DeleteRoleCommand",
    "aws/iam/removal.ts DeleteRolePolicyCommand",
    "aws/iam/removal.ts DetachRolePolicyCommand",
    "aws/iam/removal.ts RemoveRoleFromInstanceProfileCommand",
    "aws/load-balancing/load-balancing.ts DeregisterTargetsCommand",
    "aws/load-balancing/removal.ts DeleteLoadBalancerCommand",
    "aws/load-balancing/removal.ts DeleteTargetGroupCommand",
    "aws/route53/health-checks.ts DeleteHealthCheckCommand",
    "aws/s3/objects.ts DeleteObjectCommand",
    "aws/ssm/parameters.ts DeleteParametersCommand",
  ]);
});

test("every function that sends one of them takes proof of ownership from the gate", () => {
  const without = [...sources].flatMap(([path, text]) =>
    declarationsOf(text)
      .filter((declaration) => commandsIn(declaration).length > 0 && !declaration.includes("Owned<"))
      .map((declaration) => `${path}: ${declaration.slice(0, 60)}`),
  );

  expect(without).toEqual([]);
});

test("a record in DNS is deleted, and a launch is abandoned, in one place each, with proof of ownership", () => {
  const places = [...sources].flatMap(([path, text]) =>
    declarationsOf(text)
      .filter((declaration) => /"(DELETE" as const|ABANDON"\))/.test(declaration))
      .map((declaration) => [
        path,
        /^export (?:const|(?:async )?function) (\w+)/.exec(declaration)?.[1],
        declaration.includes("Owned<"),
      ]),
  );

  expect(places).toEqual([
    ["aws/auto-scaling/instances.ts", "abandonLaunch", true],
    ["aws/route53/route53.ts", "deleteRecord", true],
    ["aws/route53/traffic-records.ts", undefined, true],
  ]);
});

test("nobody but the gate makes an Owned value: not by a cast, nor by the constructor", () => {
  const forged = [...sources].filter(([, text]) =>
    /\bas (unknown as )?Owned\b|(?<!\w)<Owned(<[^>]*>)?>\s*[({]/.test(text),
  );
  const makers = [...sources].filter(([, text]) => text.includes("new Owned(")).map(([path]) => path);

  expect(forged.map(([path]) => path)).toEqual([]);
  expect(makers).toEqual(["domain/ownership/ownership.ts"]);
});

/** Never called: that these lines do not type-check is what is tested, by `npm run types`. */
async function doesNotTypeCheck(): Promise<void> {
  // @ts-expect-error an id is no Owned value
  await deleteVolume("vol-1");
  // @ts-expect-error nor is something that looks like one
  await deleteVolume({ kind: "volume", id: "vol-1" });
  // @ts-expect-error the constructor is the gate's own
  const made = new Owned({ kind: "volume", id: "vol-1" });
  const owningCluster = { cluster: "a", uid: "1", createdAt: "", known: new Map() };
  const ownedInterface = Owned.require(owningCluster, { kind: "network-interface", id: "eni-1", tags: {} });
  // @ts-expect-error an Owned value of one kind is none of another
  await deleteVolume(ownedInterface);
  void made;
}

test("without an Owned value of that kind nothing type-checks", () => {
  expect(doesNotTypeCheck).toBeTypeOf("function");
});
