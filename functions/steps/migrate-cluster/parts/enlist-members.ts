import * as z from "zod";
import { networkOf, subnetIdOf } from "../../../domain/cluster/recorded-network.ts";
import { ownerOf } from "../../../domain/cluster/records.ts";
import { JOINING_GENERATION } from "../../../domain/migrate/migrated-plan.ts";
import { homeSubnet } from "../../../domain/plan/subnets.ts";
import { MemberName } from "../../../domain/spec/value-schemas.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { StepInput, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { ensurePlace, memberPlaceCalls } from "../../../usecases/members/member-place.ts";
import { readMigration } from "../../../usecases/migrate/open-migration.ts";

type Collaborators = Deps<typeof memberPlaceCalls>;

export const SlotsInput = StepInput.extend({ slots: z.array(MemberName) });
export type SlotsRequest = z.output<typeof SlotsInput>;

/**
 * Gives new slots an address, which EC2 chooses, and puts them into the plan as members that join. What they need
 * besides is made by "Prepare member". One after the other, since each changes the plan.
 */
export async function enlistMembers(
  deps: Collaborators,
  { cluster: name, operation, slots }: SlotsRequest,
): Promise<void> {
  for (const slot of slots) {
    const { cluster, migration } = await readMigration(deps, name);
    const zone = migration.changes?.find((change) => change.slot === slot)?.zone ?? "";
    const subnet = homeSubnet(cluster.plan.subnets, zone).name;
    const place = await ensurePlace(
      deps,
      cluster,
      ownerOf(cluster),
      {
        member: slot,
        home: 1,
        subnetId: subnetIdOf(cluster, subnet),
        address: undefined,
        securityGroupIds: [networkOf(cluster).masterGroupId, ...cluster.spec.masterSecurityGroups],
      },
      { recorded: null, former: null },
    );
    const { interfaceId, address, addressId } = place;
    await deps.store.updateMember(name, slot, {
      interfaceId,
      generation: JOINING_GENERATION,
      migrating: "joining",
      ...(addressId === undefined ? {} : { addressId }),
    });
    if (cluster.plan.members.some((member) => member.name === slot)) continue;
    const members = [...cluster.plan.members, { name: slot, zone, subnet, address }];
    await deps.store.updateCluster(name, operation, { plan: { ...cluster.plan, members } }, deps.clock.now());
  }
}

export const handler = stepHandler("Enlist members", SlotsInput, enlistMembers, () => ({
  ...system,
  aws: memberPlaceCalls,
}));
