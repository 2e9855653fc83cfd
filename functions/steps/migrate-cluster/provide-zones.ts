import * as z from "zod";
import { ZoneName } from "../../domain/spec/value-schemas.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, stepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";
import { changeMigration, readMigration } from "../../usecases/migrate/open-migration.ts";
import { provideZones, provideZonesCalls } from "../../usecases/migrate/provide-zones.ts";

type Collaborators = Deps<typeof provideZonesCalls>;

const Input = StepInput.extend({ zones: z.array(ZoneName) });

/** Zones that get a master have subnets, routes and a place at the load balancer. */
export async function provideMigrationZones(
  deps: Collaborators,
  { cluster: name, operation, zones }: z.output<typeof Input>,
): Promise<void> {
  const { cluster, migration } = await readMigration(deps, name);
  await provideZones(deps, cluster, zones);
  const provided = [...new Set([...(migration.provided ?? []), ...zones])];
  await changeMigration(deps, { cluster: name, operation }, { provided });
}

export const handler = stepHandler("Provide zones", Input, provideMigrationZones, () => ({
  ...system,
  aws: provideZonesCalls,
}));
