import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { ClusterEvents } from "../constructs/cluster-events.ts";
import { OperationsDashboard } from "../constructs/dashboard.ts";
import { explainWildcards } from "../constructs/explain-wildcards.ts";
import { FleetHub } from "../constructs/fleet-hub.ts";
import { Foundation } from "../constructs/foundation.ts";
import { HubAccess } from "../constructs/hub-access.ts";
import { RepairAlarms } from "../constructs/repair-alarms.ts";
import { RequestAlarms } from "../constructs/request-alarms.ts";
import { ReservedConcurrency } from "../constructs/reserved-concurrency.ts";
import { api } from "../flows/api.ts";
import { backupCluster } from "../flows/backup-cluster.ts";
import { chat, notifyChats } from "../flows/chat.ts";
import { createCluster } from "../flows/create-cluster.ts";
import { deleteCluster } from "../flows/delete-cluster.ts";
import { drillCluster } from "../flows/drill-cluster.ts";
import { fleets } from "../flows/fleets.ts";
import { migrateCluster } from "../flows/migrate-cluster.ts";
import { placeMaster } from "../flows/place-master.ts";
import { reconcile } from "../flows/reconcile.ts";
import { repairMaster } from "../flows/repair-master.ts";
import { restoreCluster } from "../flows/restore-cluster.ts";
import { sharedSteps } from "../flows/shared-steps.ts";
import { updateCluster } from "../flows/update-cluster.ts";

/** The whole backend of one account and Region. */
export class HoldfastStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const foundation = new Foundation(this);
    const shared = sharedSteps(foundation);

    const place = placeMaster(foundation);
    const create = createCluster(foundation, shared, place);
    const update = updateCluster(foundation, shared);
    const repair = repairMaster(foundation, shared, place);
    const backup = backupCluster(foundation);
    const drill = drillCluster(foundation);
    const migrate = migrateCluster(foundation, shared, { place, backup });
    const restore = restoreCluster(foundation, shared, [place, backup], [create, update, repair, migrate]);
    const remove = deleteCluster(foundation, shared, [create, update, repair, restore, migrate]);
    const operations = [create, update, repair, restore, migrate, remove];
    const reconciler = reconcile(foundation, { repair, restore, backup, drill }, operations);
    const { undelivered } = reconciler;
    const fleet = fleets(foundation, { update }, undelivered);
    const chats = chat(foundation);
    const answering = api(foundation, { create, update, restore, migrate, remove, backup, drill, fleet, chats });
    const events = new ClusterEvents(this, "Events");
    notifyChats(foundation, events, undelivered);
    events.admitOnly(foundation.publishers);
    new FleetHub(this, "Hub", { fleet, undelivered });
    new HubAccess(this, "HubAccess", { apiId: foundation.http.api.apiId, bus: events.bus, undelivered });

    new ReservedConcurrency(this, "Reserved", {
      answering: Object.values(answering),
      reconcile: reconciler.reconcile,
    });
    const machines = (workflows: typeof operations) => workflows.map(({ machine }) => machine);
    const { api: http } = foundation.http;
    new RepairAlarms(this, "RepairAlarms");
    new RequestAlarms(this, "RequestAlarms", {
      api: http,
      asked: machines([create, update, remove, chats.workflow]),
    });
    new OperationsDashboard(this, "Overview", { api: http, operations: machines(operations), undelivered });
    new AlarmTopic(this, "Alarms");
    explainWildcards(this);
    new CfnOutput(this, "ApiUrl", { value: http.apiEndpoint, description: "Set HOLDFAST_API to this" });
  }
}
