import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Owned } from "../../functions/domain/ownership.ts";
import { deleteVolume } from "../../functions/gateways/ec2/removal.ts";

const ROOT = join(import.meta.dirname, "../../functions");
const DESTRUCTIVE = /new ((?:Delete|Terminate|Detach|Release|Deregister|Remove|Revoke|Disassociate)\w*Command)\b/g;

/** Text of every source file, by its path below `functions/`. */
const sources = new Map(
  globSync("**/*.ts", { cwd: ROOT }).map((path) => [path, readFileSync(join(ROOT, path), "utf8")] as const),
);

/** Top-level declarations, each with its text: no function of ours stands within another one that has a name. */
const declarationsOf = (text: string): string[] =>
  text.split(/^(?=(?:export )?(?:const|class|function|async function) )/m);

const commandsIn = (text: string): string[] => [...text.matchAll(DESTRUCTIVE)].map(([, command = ""]) => command);

test("commands that destroy are used in these gateways, and nowhere else", () => {
  const found = [...sources].flatMap(([path, text]) => commandsIn(text).map((command) => `${path} ${command}`));

  expect(found.toSorted()).toEqual([
    "gateways/auto-scaling.ts DeleteAutoScalingGroupCommand",
    "gateways/auto-scaling.ts TerminateInstanceInAutoScalingGroupCommand",
    "gateways/ec2/removal.ts DeleteInternetGatewayCommand",
    "gateways/ec2/removal.ts DeleteLaunchTemplateCommand",
    "gateways/ec2/removal.ts DeleteNatGatewayCommand",
    "gateways/ec2/removal.ts DeleteNetworkInterfaceCommand",
    "gateways/ec2/removal.ts DeleteRouteTableCommand",
    "gateways/ec2/removal.ts DeleteSecurityGroupCommand",
    "gateways/ec2/removal.ts DeleteSubnetCommand",
    "gateways/ec2/removal.ts DeleteVolumeCommand",
    "gateways/ec2/removal.ts DeleteVpcCommand",
    "gateways/ec2/removal.ts DetachInternetGatewayCommand",
    "gateways/ec2/removal.ts DisassociateSecurityGroupVpcCommand",
    "gateways/ec2/removal.ts ReleaseAddressCommand",
    "gateways/ec2/removal.ts RevokeSecurityGroupEgressCommand",
    "gateways/ec2/removal.ts RevokeSecurityGroupIngressCommand",
    "gateways/ec2/removal.ts TerminateInstancesCommand",
    "gateways/ec2/storage.ts DetachVolumeCommand",
    "gateways/iam-removal.ts DeleteInstanceProfileCommand",
    "gateways/iam-removal.ts DeleteRoleCommand",
    "gateways/iam-removal.ts DeleteRolePolicyCommand",
    "gateways/iam-removal.ts DetachRolePolicyCommand",
    "gateways/iam-removal.ts RemoveRoleFromInstanceProfileCommand",
    "gateways/load-balancing-removal.ts DeleteLoadBalancerCommand",
    "gateways/load-balancing-removal.ts DeleteTargetGroupCommand",
    "gateways/load-balancing.ts DeregisterTargetsCommand",
    "gateways/parameters.ts DeleteParametersCommand",
  ]);
});

test("every function that sends one of them takes a permit of the gate", () => {
  const without = [...sources].flatMap(([path, text]) =>
    declarationsOf(text)
      .filter((declaration) => commandsIn(declaration).length > 0 && !declaration.includes("Owned<"))
      .map((declaration) => `${path}: ${declaration.slice(0, 60)}`),
  );

  expect(without).toEqual([]);
});

test("a record in DNS is deleted, and a launch is abandoned, in one place each, with a permit", () => {
  const places = [...sources].flatMap(([path, text]) =>
    declarationsOf(text)
      .filter((declaration) => /"(DELETE" as const|ABANDON"\))/.test(declaration))
      .map((declaration) => [path, /^export const (\w+)/.exec(declaration)?.[1], declaration.includes("Owned<")]),
  );

  expect(places).toEqual([
    ["gateways/auto-scaling.ts", "abandonLaunch", true],
    ["gateways/route53.ts", "deleteRecord", true],
  ]);
});

test("nobody but the gate makes a permit: not by a cast, nor by the constructor", () => {
  const forged = [...sources].filter(([, text]) => /\bas (unknown as )?Owned\b|<Owned(<[^>]*>)?>\s*[({]/.test(text));
  const makers = [...sources].filter(([, text]) => text.includes("new Owned(")).map(([path]) => path);

  expect(forged.map(([path]) => path)).toEqual([]);
  expect(makers).toEqual(["domain/ownership.ts"]);
});

/** Never called: that these lines do not type-check is what is tested, by `npm run types`. */
const doesNotTypeCheck = async (): Promise<void> => {
  // @ts-expect-error an id is no permit
  await deleteVolume("vol-1");
  // @ts-expect-error nor is something that looks like one
  await deleteVolume({ kind: "volume", id: "vol-1" });
  // @ts-expect-error the constructor is the gate's own
  const made = new Owned({ kind: "volume", id: "vol-1" });
  const claimant = { cluster: "a", uid: "1", createdAt: "", known: new Map() };
  const interfacePermit = Owned.require(claimant, { kind: "network-interface", id: "eni-1", tags: {} });
  // @ts-expect-error a permit for one kind is none for another
  await deleteVolume(interfacePermit);
  void made;
};

test("without a permit of the right kind nothing type-checks", () => {
  expect(doesNotTypeCheck).toBeTypeOf("function");
});
