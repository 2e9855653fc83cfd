import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { select } from "../engine/filters.ts";
import type { NetworkAcl, Subnet } from "../engine/state-network.ts";
import { tagList } from "../engine/tags.ts";

/** Only default ACLs exist, so every subnet of the VPC is associated with its VPC's one. */
function subnetsOf(engine: Engine, acl: NetworkAcl): Subnet[] {
  return engine.store.subnets.list().filter((subnet) => subnet.vpcId === acl.vpcId);
}

export function networkAclHandlers(engine: Engine): Handlers<typeof ec2> {
  return {
    DescribeNetworkAcls(input) {
      const { items, ...next } = select(engine.store.networkAcls, input.NetworkAclIds, input, {
        "network-acl-id": (acl) => acl.id,
        "vpc-id": (acl) => acl.vpcId,
        default: () => true,
        "association.subnet-id": (acl) => subnetsOf(engine, acl).map((subnet) => subnet.id),
        "owner-id": () => engine.context.accountId,
      });
      return { NetworkAcls: items.map((acl) => aclView(engine, acl)), ...next };
    },
  };
}

const everything = { CidrBlock: "0.0.0.0/0", Protocol: "-1" };
const lastRule = 32_767;

function aclView(engine: Engine, acl: NetworkAcl): ec2.NetworkAcl {
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    IsDefault: true,
    OwnerId: engine.context.accountId,
    Associations: subnetsOf(engine, acl).map((subnet) => ({
      NetworkAclAssociationId: subnet.id.replace(/^subnet-/, "aclassoc-"),
      NetworkAclId: acl.id,
      SubnetId: subnet.id,
    })),
    Entries: [true, false].flatMap((Egress): ec2.NetworkAclEntry[] => [
      { ...everything, Egress, RuleNumber: 100, RuleAction: "allow" },
      { ...everything, Egress, RuleNumber: lastRule, RuleAction: "deny" },
    ]),
    Tags: tagList(acl.tags),
  };
}
