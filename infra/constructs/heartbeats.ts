import { RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { AttributeType, Billing, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/**
 * What masters write of their own health, in a table of its own and without an index: hosts write here, so nothing here may
 * ever be read as a record.
 */
export class Heartbeats extends Construct {
  readonly table: TableV2;
  /** For functions that read heartbeats or pass their table to hosts. */
  readonly environment: Readonly<Record<"HEARTBEAT_TABLE" | "INSTANCE_ARNS", string>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      billing: Billing.onDemand(),
      timeToLiveAttribute: "expiresAt",
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.table).acknowledge({
      id: "AwsSolutions-DDB3",
      reason: "A heartbeat is written again each minute and expires within a day; there is nothing to recover",
    });
    this.environment = {
      HEARTBEAT_TABLE: this.table.tableName,
      INSTANCE_ARNS: `arn:${partition}:ec2:${region}:${account}:instance/`,
    };
  }

  /** The permission to read the heartbeats of hosts that the reader knows. */
  read(): PolicyStatement {
    return new PolicyStatement({ actions: ["dynamodb:BatchGetItem"], resources: [this.table.tableArn] });
  }
}
