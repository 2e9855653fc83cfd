import { Aws } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { HostDocuments } from "./constructs/host-documents.ts";
import { type FunctionNeeds, route } from "./function-needs.ts";
import type { SecretRights } from "./secret-rights.ts";

interface Surroundings {
  readonly documents: HostDocuments;
  readonly checkAccount: readonly PolicyStatement[];
  readonly countRequests: PolicyStatement;
  readonly tell: PolicyStatement;
  readonly tableArn: string;
  readonly tableName: string;
}

/** Functions behind the routes of the HTTP API, but for those of deletions. */
export const apiNeeds = (
  rights: SecretRights,
  { documents, checkAccount, countRequests, tell, tableArn, tableName }: Surroundings,
): Record<string, FunctionNeeds> => {
  const askMembers = rights.runDocument(documents.arn("member-health"), "several");
  const askNodes = rights.runDocument(documents.arn("list-nodes"));
  const memberHealth = { MEMBER_HEALTH_DOCUMENT: documents.names["member-health"] };
  const listNodes = { LIST_NODES_DOCUMENT: documents.names["list-nodes"] };
  /** Before there is a record, whatever has the cluster's path was written by another. */
  const listParameters = rights.describe("ssm:DescribeParameters");
  return {
    "create-plan": route("read", [...checkAccount, listParameters, countRequests]),
    "create-cluster": route("write", [...checkAccount, listParameters, tell]),
    "update-cluster": route("write", [...checkAccount, tell]),
    "list-clusters": route("read"),
    "get-cluster": route(
      "write",
      [
        ...askMembers,
        ...askNodes,
        rights.describe("autoscaling:DescribeAutoScalingGroups"),
        ...rights.findDrift(),
        tell,
      ],
      { ...memberHealth, ...listNodes },
    ),
    "issue-kubeconfig": route("write", [
      ...rights.secrets(["ssm:GetParameter"], "*/control/authorities"),
      countRequests,
      tell,
    ]),
    "issue-node-certificate": route(
      "none",
      [
        rights.items(tableArn, ["dynamodb:GetItem"], "CLUSTER#*"),
        rights.items(tableArn, ["dynamodb:PutItem"], "NODEKEY#*"),
        rights.describe("ec2:DescribeInstances"),
        ...rights.secrets(["ssm:GetParameter"], "*/control/authorities"),
        countRequests,
      ],
      { CLUSTER_TABLE: tableName, PARTITION: Aws.PARTITION, ACCOUNT_ID: Aws.ACCOUNT_ID },
    ),
    "list-operations": route("read"),
    "list-events": route("read"),
    "get-operation": route("read"),
    "get-openapi": route("none"),
  };
};
