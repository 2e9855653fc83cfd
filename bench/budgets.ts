/**
 * How many calls the functions may make for one operation to the services whose rate limits an account's other users
 * share (EC2, Auto Scaling, ELB, IAM, SSM, Route 53; docs/references/aws.md#throttling), on a machine that does little
 * else. Tests hold them to it, but for looks at the answers of hosts, whose number is a matter of how fast the hosts
 * are; on a slower machine they allow more in proportion, since what is waited for is asked for more often.
 */
export const BUDGETS = {
  /** Of three masters and three nodes in three zones, with private topology. */
  create: 120,
  /** Of one lost master. */
  repair: 20,
  /**
   * Over a hundred clusters, each minute: 20 of them are looks at the targets of one API each, 12 at one cluster's
   * hooks and roles.
   */
  reconcile: 60,
} as const;
