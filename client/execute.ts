import type { ApiCommand } from "./grammar/command.ts";
import type { FleetCommand } from "./grammar/fleet-command.ts";
import type { Session } from "./session.ts";

/**
 * What each command asks of the API, in a terminal and in a chat alike: a chat is a session whose terminal is a
 * message. The exit code (docs/cli.md). Without `--yes` a command that changes something only shows its plan.
 */
export async function execute(command: ApiCommand, session: Session): Promise<number> {
  switch (command.kind) {
    case "create-cluster":
      return (await import("./commands/create-cluster.ts")).createCluster(command, session);
    case "update-cluster":
      return (await import("./commands/update-cluster.ts")).updateCluster(command, session);
    case "delete-cluster":
      return (await import("./commands/delete-cluster.ts")).deleteCluster(command, session);
    case "migrate-cluster":
      return (await import("./commands/migrate-cluster.ts")).migrateCluster(command, session);
    case "restore-cluster":
      return (await import("./commands/restore-cluster.ts")).restoreCluster(command, session);
    case "get-clusters":
      return (await import("./commands/get.ts")).getClusters(command, session);
    case "get-operations":
      return (await import("./commands/get.ts")).getOperations(command, session);
    case "get-members":
      return (await import("./commands/get.ts")).getMembers(command, session);
    case "get-nodegroups":
      return (await import("./commands/get.ts")).getNodeGroups(command, session);
    case "get-nodes":
      return (await import("./commands/get.ts")).getNodes(command, session);
    case "get-events":
      return (await import("./commands/get.ts")).getEvents(command, session);
    case "backup-cluster":
      return (await import("./commands/backups.ts")).backupCluster(command, session);
    case "drill-cluster":
      return (await import("./commands/backups.ts")).drillCluster(command, session);
    case "get-backups":
      return (await import("./commands/backups.ts")).getBackups(command, session);
    case "describe-backup":
      return (await import("./commands/backups.ts")).describeBackup(command, session);
    case "pin-backup":
      return (await import("./commands/backups.ts")).pinBackup(command, session);
    case "validate-cluster":
      return (await import("./commands/validate-cluster.ts")).validateCluster(command, session);
    default:
      return executeFleet(command, session);
  }
}

async function executeFleet(command: FleetCommand, session: Session): Promise<number> {
  switch (command.kind) {
    case "create-fleet":
    case "update-fleet":
      return (await import("./commands/fleets.ts")).changeFleet(command, session);
    case "get-fleets":
      return (await import("./commands/fleets.ts")).getFleets(command, session);
    case "delete-fleet":
      return (await import("./commands/fleets.ts")).deleteFleet(command, session);
    case "validate-fleet":
      return (await import("./commands/fleets.ts")).validateFleet(command, session);
    case "fleet-dns":
      return (await import("./commands/fleet-dns.ts")).fleetDns(command, session);
    case "join-hub":
      return (await import("./commands/endpoints.ts")).joinHub(command, session);
    case "leave-hub":
      return (await import("./commands/endpoints.ts")).leaveHub(command, session);
    case "get-endpoints":
      return (await import("./commands/endpoints.ts")).getEndpoints(command, session);
    case "rollout-fleet":
      return (await import("./commands/rollouts.ts")).rolloutFleet(command, session);
    case "act-rollout":
      return (await import("./commands/rollouts.ts")).actOnRollout(command, session);
    case "get-rollouts":
      return (await import("./commands/rollouts.ts")).getRollouts(command, session);
  }
}
