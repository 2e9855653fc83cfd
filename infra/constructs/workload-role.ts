import { Stack } from "aws-cdk-lib";
import { ArnPrincipal, Policy, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { TAG } from "../../functions/domain/cluster/naming.ts";
import { WORKLOAD_DELETIONS, WORKLOAD_RULES } from "../../functions/domain/permissions/workloads.ts";

/**
 * The role that removes resources of Kubernetes, which carry its tag and none of ours. It is assumed with a session
 * policy for one cluster's tag (functions/domain/permissions/workloads.ts).
 */
export class WorkloadRole extends Construct {
  constructor(scope: Construct, id: string, remover: LambdaFunction) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const of = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
    const role = new Role(this, "Role", { assumedBy: new ArnPrincipal(remover.role?.roleArn ?? "") });
    role.addToPolicy(
      new PolicyStatement({
        actions: [...WORKLOAD_DELETIONS],
        resources: [
          of("ec2", "volume/*"),
          of("ec2", "network-interface/*"),
          of("ec2", "security-group/*"),
          of("elasticloadbalancing", "loadbalancer/*"),
          of("elasticloadbalancing", "targetgroup/*"),
        ],
        // Whatever the session's policy says: what Holdfast made is not deleted here, etcd's volumes least of all.
        conditions: { Null: { [`aws:ResourceTag/${TAG.uid}`]: "true" } },
      }),
    );
    // The cluster's own groups have rules that name those of Kubernetes' load balancers.
    role.addToPolicy(new PolicyStatement({ actions: [...WORKLOAD_RULES], resources: [of("ec2", "security-group/*")] }));
    // A policy of its own, since each of the two roles names the other.
    new Policy(this, "Assume", {
      roles: remover.role ? [remover.role] : [],
      statements: [new PolicyStatement({ actions: ["sts:AssumeRole"], resources: [role.roleArn] })],
    });
    remover.addEnvironment("WORKLOAD_ROLE", role.roleArn);
  }
}
