/**
 * How many calls the functions may make for one operation to the services whose rate limits an account's other users
 * share (EC2, Auto Scaling, ELB, IAM, SSM, Route 53; aws-facts §4.4). A test holds them to it. A slow machine makes more
 * calls, since what is waited for is asked for more often: on one with half a core free 145 and 35 were counted. The aim is
 * 120 and 20 on an idle one, and is not reached yet.
 */
export const BUDGETS = {
  /** Of three masters and three nodes in three zones, with private topology. */
  create: 180,
  /** Of one lost master. */
  repair: 50,
  /** Over a hundred healthy clusters. */
  sweep: 40,
} as const;
