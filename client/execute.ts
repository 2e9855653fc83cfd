import { createCluster } from "./commands/create-cluster.ts";
import { deleteCluster } from "./commands/delete-cluster.ts";
import { getClusters, getEvents, getOperations } from "./commands/get.ts";
import { updateCluster } from "./commands/update-cluster.ts";
import { validateCluster } from "./commands/validate-cluster.ts";
import type { ApiCommand } from "./grammar/command.ts";
import type { Session } from "./session.ts";

/**
 * What each command asks of the API, in a terminal and in a chat alike: a chat is a session whose terminal is a
 * message. The exit code (docs/cli.md). Without `--yes` a command that changes something only shows its plan.
 */
export function execute(command: ApiCommand, session: Session): Promise<number> {
  switch (command.kind) {
    case "create-cluster":
      return createCluster(command, session);
    case "update-cluster":
      return updateCluster(command, session);
    case "delete-cluster":
      return deleteCluster(command, session);
    case "get-clusters":
      return getClusters(command, session);
    case "get-operations":
      return getOperations(command, session);
    case "get-events":
      return getEvents(command, session);
    case "validate-cluster":
      return validateCluster(command, session);
  }
}
