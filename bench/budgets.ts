/**
 * How many calls the functions may make for one operation to the services whose rate limits an account's other users
 * share (EC2, Auto Scaling, ELB, IAM, SSM, Route 53; aws-facts §4.4). A test holds them to it. A slow machine makes more
 * calls, since what is waited for is asked for more often: 120 and 20 are the aim on an idle one.
 */
export const BUDGETS = {
  /** Of three masters and three nodes in three zones, with private topology. */
  create: 135,
  /** Of one lost master. */
  repair: 26,
  /** Over a hundred healthy clusters. */
  sweep: 40,
} as const;
