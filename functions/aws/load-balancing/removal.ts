import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, collect, unlessGone } from "../common/aws-errors.ts";
import { fromTags } from "../ec2/client.ts";

type BalancingKind = "load-balancer" | "target-group";

export interface BalancingFacts extends FoundResource<BalancingKind> {
  /** The name that it has in ELB. */
  readonly elbName: string;
  readonly vpcId: string;
  /** ELB does not say of target groups when they were made. */
  readonly madeAt: Date | undefined;
}

type Candidate = Omit<BalancingFacts, "tags" | "name">;

/** Load balancers and target groups that `mayBe` picks by name and VPC, with their tags. ELB filters by neither. */
export async function listBalancing(
  elb: ElasticLoadBalancingV2Client,
  mayBe: (candidate: Candidate) => boolean,
): Promise<BalancingFacts[]> {
  const [balancers, groups] = await Promise.all([
    collect(paginateDescribeLoadBalancers({ client: elb }, {}), ({ LoadBalancers }) => LoadBalancers),
    collect(paginateDescribeTargetGroups({ client: elb }, {}), ({ TargetGroups }) => TargetGroups),
  ]);
  const candidates = [
    ...balancers.map((each): Candidate => {
      const { LoadBalancerArn: id = "", LoadBalancerName: elbName = "", VpcId: vpcId = "", CreatedTime: madeAt } = each;
      return { kind: "load-balancer", id, elbName, vpcId, madeAt };
    }),
    ...groups.map((each): Candidate => {
      const { TargetGroupArn: id = "", TargetGroupName: elbName = "", VpcId: vpcId = "" } = each;
      return { kind: "target-group", id, elbName, vpcId, madeAt: undefined };
    }),
  ].filter(mayBe);
  const found = await tagsOf(
    elb,
    candidates.map(({ id }) => id),
  );
  return candidates.map((candidate) => {
    const tags = found.get(candidate.id) ?? {};
    return { ...candidate, tags, name: tags[TAG.resource] ?? candidate.elbName };
  });
}

/** The tags of one of them. */
export async function tagsOfTargetGroup(
  elb: ElasticLoadBalancingV2Client,
  arn: string,
): Promise<Readonly<Record<string, string>>> {
  return (await tagsOf(elb, [arn])).get(arn) ?? {};
}

/** Asked for by twenties, the most that a call takes. One that went away in between fails the call: it is asked for again. */
export async function tagsOf(
  elb: ElasticLoadBalancingV2Client,
  arns: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const found = new Map<string, Record<string, string>>();
  for (let from = 0; from < arns.length; from += 20) {
    const { TagDescriptions = [] } = await call(
      elb.send(new DescribeTagsCommand({ ResourceArns: arns.slice(from, from + 20) })),
    );
    for (const { ResourceArn = "", Tags } of TagDescriptions) found.set(ResourceArn, fromTags(Tags));
  }
  return found;
}

/** A load balancer goes with its listeners; a target group only when no listener names it any more (NotReadyYet). */
export function deleteBalancing(elb: ElasticLoadBalancingV2Client, { kind, id }: Owned<BalancingKind>): Promise<void> {
  return kind === "load-balancer"
    ? unlessGone(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id })))
    : unlessGone(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: id })));
}
