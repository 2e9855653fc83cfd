import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { CLUSTERS_INDEX } from "../../functions/gateways/table/keys.ts";

const READ = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
const WRITE = [
  "dynamodb:PutItem",
  "dynamodb:UpdateItem",
  "dynamodb:DeleteItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:ConditionCheckItem",
];

/** The one table. On demand, since nothing runs while nothing happens; kept and recoverable, since it is the memory. */
export class ClusterTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          indexName: CLUSTERS_INDEX,
          partitionKey: { name: "kind", type: AttributeType.STRING },
          sortKey: { name: "name", type: AttributeType.STRING },
        },
      ],
      billing: Billing.onDemand(),
      timeToLiveAttribute: "expiresAt",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Items and the index, to read or also to write; nothing is scanned, and the table itself is nobody's to change. */
  allow(grantee: IGrantable, access: "read" | "write"): void {
    Grant.addToPrincipal({
      grantee,
      actions: access === "write" ? [...READ, ...WRITE] : READ,
      resourceArns: [this.table.tableArn, `${this.table.tableArn}/index/${CLUSTERS_INDEX}`],
    });
  }
}
