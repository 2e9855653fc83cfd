import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { call, collect, unlessGone } from "./aws-errors.ts";
import { fromTags } from "./ec2/client.ts";

const elb = new ElasticLoadBalancingV2Client({});

export interface BalancingFacts {
  readonly kind: "load-balancer" | "target-group";
  readonly arn: string;
  readonly name: string;
  readonly vpcId: string;
  readonly tags: Readonly<Record<string, string>>;
}

type Candidate = Omit<BalancingFacts, "tags">;

/** Load balancers and target groups that `mayBe` picks by name and VPC, with their tags. ELB filters by neither. */
export const listBalancing = async (mayBe: (candidate: Candidate) => boolean): Promise<BalancingFacts[]> => {
  const [balancers, groups] = await Promise.all([
    collect(paginateDescribeLoadBalancers({ client: elb }, {}), ({ LoadBalancers }) => LoadBalancers),
    collect(paginateDescribeTargetGroups({ client: elb }, {}), ({ TargetGroups }) => TargetGroups),
  ]);
  const candidates = [
    ...balancers.map((each): Candidate => {
      const { LoadBalancerArn: arn = "", LoadBalancerName: name = "", VpcId: vpcId = "" } = each;
      return { kind: "load-balancer", arn, name, vpcId };
    }),
    ...groups.map((each): Candidate => {
      const { TargetGroupArn: arn = "", TargetGroupName: name = "", VpcId: vpcId = "" } = each;
      return { kind: "target-group", arn, name, vpcId };
    }),
  ].filter(mayBe);
  const tags = await tagsOf(candidates.map(({ arn }) => arn));
  return candidates.map((candidate) => ({ ...candidate, tags: tags.get(candidate.arn) ?? {} }));
};

/** Asked for by twenties, the most that a call takes. One that went away in between fails the call: it is asked for again. */
const tagsOf = async (arns: readonly string[]): Promise<Map<string, Record<string, string>>> => {
  const found = new Map<string, Record<string, string>>();
  for (let from = 0; from < arns.length; from += 20) {
    const { TagDescriptions = [] } = await call(
      elb.send(new DescribeTagsCommand({ ResourceArns: arns.slice(from, from + 20) })),
    );
    for (const { ResourceArn = "", Tags } of TagDescriptions) found.set(ResourceArn, fromTags(Tags));
  }
  return found;
};

/** A load balancer goes with its listeners; a target group only when no listener names it any more (NotReadyYet). */
export const deleteBalancing = ({ kind, arn }: Pick<BalancingFacts, "kind" | "arn">, client = elb): Promise<void> =>
  kind === "load-balancer"
    ? unlessGone(client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn })))
    : unlessGone(client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })));
