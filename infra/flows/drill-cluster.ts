import { Aws } from "aws-cdk-lib";
import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { launchFromTemplates } from "../permissions/auto-scaling.ts";
import { changeEc2, createEc2, describe, tagOnCreate } from "../permissions/ec2.ts";
import { publishEvents } from "../permissions/events.ts";
import { createIdentity } from "../permissions/iam.ts";
import { readBackups, tagBackups, writeBackups } from "../permissions/s3.ts";

const STEPS = {
  "drill-step": ({ backups, secretsKeyArn, boundaryArn }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { one: ["drill-backup"] },
    permissions: [
      ...createIdentity(boundaryArn),
      describe("ec2:DescribeSecurityGroups", "ec2:DescribeInstances"),
      createEc2(["ec2:CreateSecurityGroup"], ["security-group"]),
      tagOnCreate("CreateSecurityGroup"),
      changeEc2(["ec2:CreateSecurityGroup"], ["vpc"]),
      changeEc2(["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress"], ["security-group"]),
      ...launchFromTemplates({
        made: ["instance", "volume", "network-interface"],
        used: ["subnet", "security-group"],
        foreign: ["image"],
      }),
      changeEc2(["ec2:TerminateInstances"], ["instance"]),
      // Whether the backup is whole is looked at before a host is launched for it.
      ...readBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "snapshot.db.gz", "manifest.json"),
      ...writeBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "manifest.json"),
      ...tagBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "manifest.json"),
      publishEvents(),
    ],
    environment: {
      PARTITION: Aws.PARTITION,
      PERMISSIONS_BOUNDARY: boundaryArn,
      SECRETS_KEY_ARN: secretsKeyArn,
      BACKUP_BUCKET: backups.name,
    },
  }),
} satisfies FunctionDefinitions;

/** Works beside whatever holds the cluster, on a host of its own. */
export function drillCluster(foundation: Foundation): Workflow {
  return new Workflow(foundation.stack, "DrillCluster", {
    file: "drill-cluster",
    steps: foundation.functions("drill-cluster", STEPS),
  });
}
