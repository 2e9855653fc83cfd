import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue, required } from "../engine/errors.ts";
import { type FilterAttributes, selectFrom } from "../engine/filters.ts";
import type { SecurityGroup, Vpc } from "../engine/state-network.ts";

/** A group serves its own VPC and those that it was associated with. */
export function isUsableIn(group: SecurityGroup, vpcId: string): boolean {
  return group.vpcId === vpcId || group.associations.some((association) => association.vpcId === vpcId);
}

/**
 * EC2's API reference: neither default groups nor the default VPC take part. It does not say whether a group whose home
 * is the default VPC may serve another one; here it may. Nor does it name the error for what is associated already. @throws AwsError
 */
function refuseAssociation(group: SecurityGroup, vpc: Vpc): void {
  if (group.name === "default") throw invalidValue("A default security group cannot be associated with another VPC.");
  if (vpc.isDefault) throw invalidValue("The default VPC does not take part in security group associations.");
  if (isUsableIn(group, vpc.id)) {
    throw new AwsError(
      "InvalidSecurityGroupVpcAssociation.AlreadyExists",
      `The security group '${group.id}' is already associated with VPC '${vpc.id}'`,
    );
  }
}

/** @throws AwsError `InvalidSecurityGroupVpcAssociation.NotFound`, `DependencyViolation` while interfaces wear the group */
function disassociate(engine: Engine, group: SecurityGroup, vpc: Vpc): void {
  const left = group.associations.filter((association) => association.vpcId !== vpc.id);
  if (left.length === group.associations.length) {
    throw new AwsError(
      "InvalidSecurityGroupVpcAssociation.NotFound",
      `The security group '${group.id}' is not associated with VPC '${vpc.id}'`,
    );
  }
  const interfaces = engine.store.networkInterfaces.list();
  if (interfaces.some((each) => each.vpcId === vpc.id && each.groupIds.includes(group.id))) {
    throw new AwsError("DependencyViolation", `resource ${group.id} has a dependent object`);
  }
  group.associations = left;
}

export function securityGroupAssociationHandlers(engine: Engine): Handlers<typeof ec2> {
  const { securityGroups, vpcs } = engine.store;
  return {
    AssociateSecurityGroupVpc(input) {
      const group = securityGroups.get(required(input.GroupId, "GroupId"));
      const vpc = vpcs.get(required(input.VpcId, "VpcId"));
      refuseAssociation(group, vpc);
      group.associations.push({ vpcId: vpc.id, since: engine.context.clock.now() });
      return { State: "associating" };
    },

    DisassociateSecurityGroupVpc(input) {
      const group = securityGroups.get(required(input.GroupId, "GroupId"));
      disassociate(engine, group, vpcs.get(required(input.VpcId, "VpcId")));
      return { State: "disassociating" };
    },

    DescribeSecurityGroupVpcAssociations(input) {
      const all = securityGroups.list().flatMap((group) => associationViews(engine, group));
      const { items, ...next } = selectFrom(all, input, filters);
      return { SecurityGroupVpcAssociations: items, ...next };
    },
  };
}

const filters: FilterAttributes<ec2.SecurityGroupVpcAssociation> = {
  "group-id": (association) => association.GroupId,
  "vpc-id": (association) => association.VpcId,
  state: (association) => association.State,
};

function associationViews(engine: Engine, group: SecurityGroup): ec2.SecurityGroupVpcAssociation[] {
  const { accountId, clock } = engine.context;
  return group.associations.map(({ vpcId, since }) => ({
    GroupId: group.id,
    VpcId: vpcId,
    VpcOwnerId: accountId,
    GroupOwnerId: accountId,
    State: clock.now() - since < engine.timings.networkPending ? "associating" : "associated",
  }));
}
