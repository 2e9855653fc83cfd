import { EventBus } from "aws-cdk-lib/aws-events";
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { EVENT_BUS } from "../../functions/domain/cluster/naming.ts";

/**
 * The bus of our own events. On the default bus whoever may put any event may put ours; here a Deny, which no policy of
 * anybody overrules, leaves the functions that publish. Rules of users need nothing of it.
 */
export class ClusterEvents extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new EventBus(this, "Bus", {
      eventBusName: EVENT_BUS,
      description: "What happens to Holdfast's clusters",
    });
  }

  /** Once all publishers are known: the policy of a bus has one statement of it. */
  admitOnly(publishers: readonly IRole[]): void {
    this.bus.addToResourcePolicy(
      new PolicyStatement({
        sid: "OnlyHoldfastPublishes",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["events:PutEvents"],
        resources: [this.bus.eventBusArn],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": publishers.map(({ roleArn }) => roleArn) } },
      }),
    );
  }
}
