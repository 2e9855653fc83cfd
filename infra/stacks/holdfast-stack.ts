import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { ADAPTERS } from "../../functions/domain/chat/settings.ts";
import { ROUTES } from "../../functions/domain/contract/routes.ts";
import { chatFunctionNeeds } from "../chat-functions.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { ApiAccess } from "../constructs/api-access.ts";
import { BundledFunction } from "../constructs/bundled-function.ts";
import { ChatEvents } from "../constructs/chat-events.ts";
import { ClusterEvents } from "../constructs/cluster-events.ts";
import { ClusterTable } from "../constructs/cluster-table.ts";
import { Heartbeats } from "../constructs/heartbeats.ts";
import { HostDocuments } from "../constructs/host-documents.ts";
import { HttpDoor } from "../constructs/http-door.ts";
import { MasterEvents } from "../constructs/master-events.ts";
import { Overview } from "../constructs/overview.ts";
import { PermissionsBoundary } from "../constructs/permissions-boundary.ts";
import { RepairAlarms } from "../constructs/repair-alarms.ts";
import { RequestAlarms } from "../constructs/request-alarms.ts";
import { ReservedConcurrency } from "../constructs/reserved-concurrency.ts";
import { SecretsKey } from "../constructs/secrets-key.ts";
import { Workflow } from "../constructs/workflow.ts";
import { WorkloadRole } from "../constructs/workload-role.ts";
import type { FunctionNeeds } from "../function-needs.ts";
import { functionNeeds } from "../functions.ts";
import { explainWildcards } from "../nag-wildcards.ts";
import { grantTable } from "../table-rights.ts";

/** The whole backend of one account and Region. */
export class HoldfastStack extends Stack {
  readonly #table: ClusterTable;
  readonly #documents: HostDocuments;
  readonly #boundary: PermissionsBoundary;
  /** Roles of functions that put events on our bus. */
  readonly #publishers: IRole[] = [];

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.#table = new ClusterTable(this, "Clusters");
    this.#documents = new HostDocuments(this, "Documents");
    const secretsKeyArn = new SecretsKey(this, "Secrets").arn;
    const { tableArn, tableName } = this.#table.table;
    const heartbeats = new Heartbeats(this, "Heartbeats");
    this.#boundary = new PermissionsBoundary(this, "Boundary", {
      secretsKeyArn,
      heartbeatTableArn: heartbeats.table.tableArn,
    });
    const door = new HttpDoor(this, "Http");
    const { api } = door;
    const needs = {
      ...functionNeeds(this, {
        documents: this.#documents,
        heartbeats,
        boundaryArn: this.#boundary.policy.managedPolicyArn,
        secretsKeyArn,
        tableArn,
        tableName,
        apiId: api.apiId,
      }),
      ...chatFunctionNeeds(this, { tableArn, tableName, apiId: api.apiId, apiUrl: api.apiEndpoint }),
    };

    const verify = {
      VerifyQuorum: this.#function("verify-quorum", needs),
      VerifyApi: this.#function("verify-api", needs),
    };
    const finish = {
      CompleteOperation: this.#function("complete-operation", needs),
      RecordFailure: this.#function("record-failure", needs),
    };
    const placeMaster = new Workflow(this, "PlaceMaster", {
      file: "place-master",
      steps: {
        AwaitInstance: this.#function("await-instance", needs),
        AttachVolume: this.#function("attach-volume", needs),
        AwaitMember: this.#function("await-member", needs),
        CompleteLaunch: this.#function("complete-launch", needs),
      },
    });
    const machines = {
      CreateIdentity: this.#function("create-identity", needs),
      PrepareMember: this.#function("prepare-member", needs),
      AddNodes: this.#function("add-nodes", needs),
      VerifyNodes: this.#function("verify-nodes", needs),
    };
    const createCluster = new Workflow(this, "CreateCluster", {
      file: "create-cluster",
      steps: {
        ValidateAccount: this.#function("validate-account", needs),
        CreateNetwork: this.#function("create-network", needs),
        CreateEgress: this.#function("create-egress", needs),
        CreateEndpoint: this.#function("create-endpoint", needs),
        IssuePki: this.#function("issue-pki", needs),
        FinishControlPlane: this.#function("finish-control-plane", needs),
        InstallAddOns: this.#function("install-add-ons", needs),
        ...machines,
        ...verify,
        ...finish,
      },
      children: { PlaceMaster: placeMaster.machine },
    });
    const updateCluster = new Workflow(this, "UpdateCluster", {
      file: "update-cluster",
      steps: {
        BeginUpdate: this.#function("begin-update", needs),
        SettleNodes: this.#function("settle-nodes", needs),
        ...machines,
        ...finish,
      },
    });
    const repairMaster = new Workflow(this, "RepairMaster", {
      file: "repair-master",
      steps: {
        BeginRepair: this.#function("begin-repair", needs),
        AssessCluster: this.#function("assess-cluster", needs),
        StopMaster: this.#function("stop-master", needs),
        RenewMember: this.#function("renew-member", needs),
        MoveMember: this.#function("move-member", needs),
        PromoteMember: this.#function("promote-member", needs),
        DiscardRemains: this.#function("discard-remains", needs),
        ...verify,
        ...finish,
      },
      children: { PlaceMaster: placeMaster.machine },
    });

    const stopOperations = this.#function("stop-operations", needs, {
      STATE_MACHINES: [createCluster, updateCluster, repairMaster]
        .map(({ machine }) => machine.stateMachineArn)
        .join(","),
    });
    for (const { machine } of [createCluster, updateCluster, repairMaster])
      machine.grantExecution(stopOperations, "states:StopExecution");
    const deleteWorkloads = this.#function("delete-workloads", needs);
    new WorkloadRole(this, "Workloads", deleteWorkloads);
    const deleteCluster = new Workflow(this, "DeleteCluster", {
      file: "delete-cluster",
      steps: {
        StopOperations: stopOperations,
        DeleteCompute: this.#function("delete-compute", needs),
        SnapshotMember: this.#function("snapshot-member", needs),
        DeleteWorkloads: deleteWorkloads,
        DeleteStorage: this.#function("delete-storage", needs),
        DeleteEndpoint: this.#function("delete-endpoint", needs),
        DeleteEgress: this.#function("delete-egress", needs),
        DeleteNetwork: this.#function("delete-network", needs),
        DeleteIdentity: this.#function("delete-identity", needs),
        VerifyRemoval: this.#function("verify-removal", needs),
        DeleteRecords: this.#function("delete-records", needs),
        ...finish,
      },
    });

    const masterLost = this.#function("master-lost", needs, {
      REPAIR_STATE_MACHINE: repairMaster.machine.stateMachineArn,
    });
    repairMaster.machine.grantStartExecution(masterLost);
    const sweep = this.#function("sweep", needs, { REPAIR_STATE_MACHINE: repairMaster.machine.stateMachineArn });
    repairMaster.machine.grantStartExecution(sweep);
    const executionEnded = this.#function("execution-ended", needs, {
      REPAIR_STATE_MACHINE: repairMaster.machine.stateMachineArn,
    });
    repairMaster.machine.grantStartExecution(executionEnded);
    const operations = [createCluster, updateCluster, repairMaster, deleteCluster].map(({ machine }) => machine);
    const masterEvents = new MasterEvents(this, "MasterEvents", {
      masterLost,
      sweep,
      executionEnded,
      operations,
    });
    new RepairAlarms(this, "RepairAlarms");

    const flows = {
      CREATE_STATE_MACHINE: createCluster.machine.stateMachineArn,
      UPDATE_STATE_MACHINE: updateCluster.machine.stateMachineArn,
    };
    const create = this.#function("create-cluster", needs, flows);
    const update = this.#function("update-cluster", needs, flows);
    for (const { machine } of [createCluster, updateCluster]) {
      machine.grantStartExecution(create);
      machine.grantStartExecution(update);
    }
    const remove = this.#function("delete-cluster", needs, {
      DELETE_STATE_MACHINE: deleteCluster.machine.stateMachineArn,
    });
    deleteCluster.machine.grantStartExecution(remove);
    const answering = new Map<string, LambdaFunction>([
      ["create-cluster", create],
      ["update-cluster", update],
      ["delete-cluster", remove],
    ]);
    const chatCommand = this.#function("chat-command", needs);
    const chatProgress = this.#function("chat-progress", needs);
    const chat = new Workflow(this, "ChatCommand", {
      file: "chat-command",
      steps: {
        ChatCommand: chatCommand,
        ChatProgress: chatProgress,
        ChatFailure: this.#function("chat-failure", needs),
      },
    });
    for (const adapter of ADAPTERS) {
      const chatDoor = this.#function(`chat-${adapter}`, needs, {
        CHAT_STATE_MACHINE: chat.machine.stateMachineArn,
      });
      chat.machine.grantStartExecution(chatDoor);
      answering.set(`chat-${adapter}`, chatDoor);
    }
    for (const { function: name } of Object.values(ROUTES))
      if (!answering.has(name)) answering.set(name, this.#function(name, needs));
    door.add(Object.values(ROUTES), answering);
    const callers = Object.values(ROUTES).filter(({ request: { action } }) => action !== null && action !== "join");
    new ApiAccess(this, "Access", {
      functions: new Set(
        callers.map(({ function: name }) => answering.get(name)).filter((found) => found !== undefined),
      ),
      chats: [chatCommand, chatProgress],
    });
    new ReservedConcurrency(this, "Reserved", { answering: new Set(answering.values()), sweep });
    const asked = [createCluster, updateCluster, deleteCluster, chat].map(({ machine }) => machine);
    new RequestAlarms(this, "RequestAlarms", { api, asked });
    const events = new ClusterEvents(this, "Events");
    const notify = this.#function("notify-chat", needs);
    new ChatEvents(this, "ChatEvents", { bus: events.bus, notify, deadLetterQueue: masterEvents.undelivered });
    events.admitOnly(this.#publishers);
    new Overview(this, "Overview", { api, operations, undelivered: masterEvents.undelivered });
    new AlarmTopic(this, "Alarms");
    explainWildcards(this);
    new CfnOutput(this, "ApiUrl", { value: api.apiEndpoint, description: "Set HOLDFAST_API to this" });
  }

  /** The function of a file, with the rights and settings that infra/functions.ts gives it. */
  #function(
    name: string,
    needs: Readonly<Record<string, FunctionNeeds>>,
    environment: Record<string, string> = {},
  ): LambdaFunction {
    const need = needs[name];
    if (!need) throw new Error(`infra/functions.ts says nothing about ${name}`);
    const bundled = new BundledFunction(this, name, {
      name,
      environment: {
        ...(need.table === "none" ? {} : { CLUSTER_TABLE: this.#table.table.tableName }),
        ...need.environment,
        ...environment,
      },
      statements: need.statements,
      audits: need.audits ?? false,
      // API Gateway gives up after 30 seconds (aws-facts §8.1).
      ...(need.behindHttp ? { timeout: Duration.seconds(29) } : {}),
    });
    const { role } = bundled.function;
    if (role && need.statements.some(({ actions }) => actions.includes("events:PutEvents")))
      this.#publishers.push(role);
    if (need.table !== "none") grantTable(this.#table.table, bundled.function, name);
    return bundled.function;
  }
}
