import { DescribeNetworkInterfacesCommand, ModifyNetworkInterfaceAttributeCommand } from "@aws-sdk/client-ec2";
import { updateMember } from "../../../../functions/store/members.ts";
import type { Account } from "../account.ts";
import { expectStatus, MASTERS_GROUP, memberOf, type PermissionsFlow, remove, replaced, ZONES } from "./flow.ts";

const NAME = "moving.example.com";
const SPEC = {
  name: NAME,
  zones: [...ZONES, "us-west-2d"],
  masterZones: ZONES,
  nodeCount: 0,
  masterSecurityGroups: [MASTERS_GROUP],
  masterZoneFallback: "move",
  masterZoneFallbackMinutes: 1,
};

/** Somebody takes the users' groups off every interface that the member has. */
async function strip(account: Account): Promise<void> {
  const Filters = [
    { Name: "tag:holdfast:cluster", Values: [NAME] },
    { Name: "tag:holdfast:member", Values: ["c"] },
  ];
  const { NetworkInterfaces = [] } = await account.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  for (const { NetworkInterfaceId, Groups = [] } of NetworkInterfaces) {
    const left = Groups.flatMap(({ GroupId }) => (GroupId === undefined || GroupId === MASTERS_GROUP ? [] : [GroupId]));
    await account.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: left }));
  }
}

/** A member whose zone launches nothing goes to another one. */
export const MOVE: readonly PermissionsFlow[] = [
  {
    name: "move: a member leaves a zone without capacity, at the second try",
    async run(account) {
      account.cloud.services.ec2.seed({ kind: "security-group", groupId: MASTERS_GROUP });
      await expectStatus(account.ask("POST", "/clusters", { spec: SPEC }), 202);
      await account.untilStatus(NAME, "ACTIVE");
      const { instanceId } = await memberOf(account, NAME, "c");
      await account.fault({ kind: "capacity", action: "exhaust", zone: "us-west-2c" });
      const crash = { function: "movemember", operation: "PutParameter", count: 1 };
      await account.fault({ kind: "lambda", action: "crash-before-call", ...crash });
      account.beforeCall("movemember", "DescribeNetworkInterfaces", async () => {
        account.beforeCall("movemember", "DescribeNetworkInterfaces", () => strip(account));
      });
      await account.fault({ kind: "host", action: "terminate", instanceId });
      await account.until("c to be without a zone", async () => {
        const stranded = (await account.members(NAME)).find(({ member }) => member === "c")?.stranded;
        if (!stranded) return false;
        const since = new Date(Date.now() - 120_000).toISOString();
        await updateMember(account.table, NAME, "c", { stranded: { ...stranded, since } });
        return true;
      });
      await replaced(account, NAME, "c", instanceId);
      const { plan } = await account.untilStatus(NAME, "ACTIVE");
      const zone = plan.members.find(({ name }) => name === "c")?.zone;
      if (zone !== "us-west-2d") throw new Error(`c is in ${zone}`);
      await account.cloud.faults.end();
      await remove(account, NAME);
    },
  },
];
