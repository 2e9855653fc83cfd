import { ec2 } from "../../../aws/ec2/client.ts";
import { findDrillHosts } from "../../../aws/ec2/drill-hosts.ts";
import { terminateInstance } from "../../../aws/ec2/removal.ts";
import { drillResource } from "../../../domain/backup/drill-host.ts";
import { ownerOf } from "../../../domain/cluster/records.ts";
import { owningClusterOf } from "../../../domain/ownership/known-resources.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { removeOwned } from "../../../usecases/deletion/check-ownership.ts";

const calls = bind(ec2, { findDrillHosts, terminateInstance });

type Collaborators = Deps<typeof calls>;

/** Ends whatever host the drill has, whether it passed or not: also one that was launched and not noted. */
export async function endHost(deps: Collaborators, { cluster: name, operation }: StepRequest): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  await removeOwned(deps, "hosts of the drill", owningClusterOf(cluster), {
    find: async () => {
      const hosts = await deps.aws.findDrillHosts(ownerOf(cluster), drillResource(operation));
      return hosts.map(({ instanceId: id, tags }) => ({
        kind: "instance" as const,
        id,
        name: drillResource(operation),
        tags,
      }));
    },
    remove: (instance) => deps.aws.terminateInstance(instance),
  });
}

export const handler = stepHandler("End drill host", StepInput, endHost, collaborators(calls));
