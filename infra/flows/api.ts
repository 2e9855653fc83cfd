import { Aws } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { ROUTES } from "../../functions/domain/api/routes.ts";
import { SESSION_ROUTES } from "../../functions/domain/api/session-routes.ts";
import { PAGES_ROUTE, SESSION_ROUTE } from "../../functions/domain/console/targets.ts";
import { ApiAccess } from "../constructs/api-access.ts";
import type { Foundation, FunctionDefinitions, Functions } from "../constructs/foundation.ts";
import type { Workflow } from "../constructs/workflow.ts";
import { checkAccount, checkMasters, findByTag, findDrift, findResources } from "../permissions/account.ts";
import { describe } from "../permissions/ec2.ts";
import { publishEvents } from "../permissions/events.ts";
import { readBackups, tagBackups } from "../permissions/s3.ts";
import { secrets } from "../permissions/ssm.ts";
import { items } from "../permissions/table.ts";
import type { chat } from "./chat.ts";
import { askEndpoints, FLEET_FUNCTIONS } from "./fleet-routes.ts";

/** Before there is a record, whatever has the cluster's path was written by another. */
const listParameters = describe("ssm:DescribeParameters");

function countRequests({ tableArn }: Foundation) {
  return items(tableArn, ["UpdateItem"], "REQUESTS#*");
}

/** A backup, and, with what {@link checkAccount} reads, whether the cluster that it was taken of is gone. */
function checkTakeover({ backups, secretsKeyArn }: Foundation) {
  const objects = ["snapshot.db.gz", "manifest.json", "cluster.json"];
  return [
    ...readBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, ...objects),
    describe("autoscaling:DescribeAutoScalingGroups"),
  ];
}

/** Functions behind the routes of the HTTP API. */
const FUNCTIONS = {
  "create-plan": (foundation) => ({
    records: { actions: ["GetItem", "Query"], partitions: ["TAKEN#*"] },
    permissions: [
      ...checkAccount(),
      ...checkTakeover(foundation),
      describe("ec2:GetEbsDefaultKmsKeyId"),
      listParameters,
      countRequests(foundation),
    ],
    environment: { BACKUP_BUCKET: foundation.backups.name },
  }),

  "create-cluster": (foundation) => ({
    records: {
      actions: ["GetItem", "Query", "PutItem", "UpdateItem"],
      partitions: ["IDEMPOTENCY#*", "REQUESTS#*", "TAKEN#*"],
    },
    permissions: [...checkAccount(), ...checkTakeover(foundation), listParameters, publishEvents()],
    environment: { BACKUP_BUCKET: foundation.backups.name },
  }),

  "update-cluster": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"], partitions: ["IDEMPOTENCY#*", "REQUESTS#*"] },
    permissions: [...checkAccount(), publishEvents()],
  },

  "delete-cluster": {
    records: {
      actions: ["GetItem", "PutItem", "UpdateItem"],
      partitions: ["IDEMPOTENCY#*", "REQUESTS#*"],
      lists: ["CLUSTER"],
    },
    permissions: [...findByTag(), publishEvents()],
  },

  "restore-cluster": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"], partitions: ["IDEMPOTENCY#*", "REQUESTS#*"] },
    documents: { several: ["member-health"] },
    permissions: [
      ...readBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "snapshot.db.gz", "manifest.json"),
      describe(
        "ec2:DescribeVpcs",
        "ec2:DescribeVolumes",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkInterfaces",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTags",
      ),
      publishEvents(),
    ],
    environment: { BACKUP_BUCKET: backups.name },
  }),

  "migrate-cluster": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"], partitions: ["IDEMPOTENCY#*", "REQUESTS#*"] },
    documents: { several: ["member-health"] },
    permissions: [...checkMasters(), publishEvents()],
  },

  "list-clusters": { records: { actions: ["Query"], lists: ["CLUSTER"] } },

  "get-cluster": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"], partitions: ["REQUESTS#*"] },
    documents: { one: ["list-nodes"], several: ["member-health"] },
    permissions: [describe("autoscaling:DescribeAutoScalingGroups"), ...findDrift(), publishEvents()],
  },

  "list-resources": (foundation) => ({
    records: { actions: ["GetItem", "Query"], lists: ["CLUSTER"] },
    permissions: [
      ...findResources(),
      describe("ec2:DescribeVpcEndpoints", "ec2:DescribeSnapshots"),
      countRequests(foundation),
    ],
  }),

  "issue-kubeconfig": (foundation) => ({
    records: { actions: ["GetItem", "PutItem"] },
    permissions: [
      ...secrets(foundation.secretsKeyArn, ["ssm:GetParameter"], "*/control/authorities"),
      countRequests(foundation),
      publishEvents(),
    ],
  }),

  "issue-node-certificate": (foundation) => ({
    permissions: [
      items(foundation.tableArn, ["GetItem"], "CLUSTER#*"),
      items(foundation.tableArn, ["PutItem"], "NODEKEY#*"),
      describe("ec2:DescribeInstances"),
      ...secrets(foundation.secretsKeyArn, ["ssm:GetParameter"], "*/control/authorities"),
      countRequests(foundation),
    ],
    environment: { CLUSTER_TABLE: foundation.tableName, PARTITION: Aws.PARTITION, ACCOUNT_ID: Aws.ACCOUNT_ID },
  }),

  // It also begins drills.
  "backup-cluster": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"], partitions: ["IDEMPOTENCY#*", "REQUESTS#*"] },
    permissions: [publishEvents()],
  },
  "get-backups": { records: { actions: ["GetItem", "Query"] } },
  "pin-backup": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "PutItem", "UpdateItem"], partitions: ["REQUESTS#*"] },
    permissions: [...tagBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "*"), publishEvents()],
    environment: { BACKUP_BUCKET: backups.name },
  }),

  ...FLEET_FUNCTIONS,

  "list-operations": { records: { actions: ["GetItem", "BatchGetItem", "Query"] } },
  "get-operation": { records: { actions: ["GetItem"] } },
  "list-events": { records: { actions: ["GetItem", "Query"] } },
  "get-openapi": {},
} satisfies FunctionDefinitions;

/** Serves the console, and asks the other functions for whoever has a session. Rules and records are theirs. */
function consoleOf(answering: Functions) {
  const asked = [...new Set(SESSION_ROUTES.map((route) => route.function))].flatMap((name) => {
    const each = answering[name];
    return each ? [{ name, each }] : [];
  });
  return {
    console: ({ tableArn, tableName, stack, http }: Foundation) => ({
      permissions: [
        items(tableArn, ["GetItem", "PutItem", "DeleteItem"], "SESSION#*"),
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources: asked.map(({ each }) => each.functionArn),
        }),
      ],
      environment: {
        ...http.signIn,
        CLUSTER_TABLE: tableName,
        ROUTE_FUNCTIONS: stack.toJsonString(
          Object.fromEntries(asked.map(({ name, each }) => [name, each.functionName])),
        ),
      },
    }),
  } satisfies FunctionDefinitions;
}

interface StartedFlows {
  readonly create: Workflow;
  readonly update: Workflow;
  readonly restore: Workflow;
  readonly migrate: Workflow;
  readonly remove: Workflow;
  readonly backup: Workflow;
  readonly drill: Workflow;
  /** The only one that calls endpoints. */
  readonly fleet: LambdaFunction;
  readonly chats: ReturnType<typeof chat>;
}

/** The HTTP API: its functions and routes, those that chats call included. Returns all functions that answer. */
export function api(
  foundation: Foundation,
  { create, update, restore, migrate, remove, backup, drill, fleet, chats }: StartedFlows,
): Functions {
  const own = foundation.routes("api", FUNCTIONS);
  // An update takes up a creation that stopped, and a creation one that continues as an update.
  for (const each of [own["create-cluster"], own["update-cluster"]]) {
    create.startedBy(each, "CREATE_STATE_MACHINE");
    update.startedBy(each, "UPDATE_STATE_MACHINE");
  }
  restore.startedBy(own["restore-cluster"], "RESTORE_STATE_MACHINE");
  migrate.startedBy(own["migrate-cluster"], "MIGRATE_STATE_MACHINE");
  remove.startedBy(own["delete-cluster"], "DELETE_STATE_MACHINE");
  backup.startedBy(own["backup-cluster"], "BACKUP_STATE_MACHINE");
  drill.startedBy(own["backup-cluster"], "DRILL_STATE_MACHINE");
  askEndpoints([own.fleets, own["fleet-dns"]], fleet);
  const { console: page } = foundation.routes("api", consoleOf(own));
  foundation.http.addConsole([PAGES_ROUTE, SESSION_ROUTE], page);
  const functions: Functions = { ...own, ...chats.ingress, console: page };
  const routes = Object.values(ROUTES);
  foundation.http.add(routes, new Map(Object.entries(functions)));
  const forCallers = routes
    .filter(({ request: { action } }) => action !== null && action !== "join")
    // The console's has no room for the rules, and needs none.
    .filter((route) => route.function !== "console")
    .flatMap(({ function: name }) => functions[name] ?? []);
  new ApiAccess(foundation.stack, "Access", { functions: new Set(forCallers), chats: chats.callers });
  return functions;
}
