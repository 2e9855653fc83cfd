import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import type { Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { getGroup } from "./lookup.ts";
import { PROCESSES } from "./other-handlers.ts";

/** What Auto Scaling knows of in general, and kinds of things that groups here have none of. */
export function catalogueHandlers(engine: Engine): Handlers<typeof autoscaling> {
  const check = (name: string | undefined): void => {
    if (name !== undefined) getGroup(engine.state, name);
  };
  return {
    DescribeScalingProcessTypes: () => ({ Processes: PROCESSES.map((ProcessName) => ({ ProcessName })) }),
    DescribeLifecycleHookTypes: () => ({
      LifecycleHookTypes: ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"],
    }),
    DescribeAdjustmentTypes: () => ({
      AdjustmentTypes: ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"].map((AdjustmentType) => ({
        AdjustmentType,
      })),
    }),
    DescribeTerminationPolicyTypes: () => ({
      TerminationPolicyTypes: [
        ...["AllocationStrategy", "ClosestToNextInstanceHour", "Default", "NewestInstance"],
        ...["OldestInstance", "OldestLaunchConfiguration", "OldestLaunchTemplate"],
      ],
    }),
    DescribeLoadBalancerTargetGroups: ({ AutoScalingGroupName }) => ({
      LoadBalancerTargetGroups: getGroup(engine.state, AutoScalingGroupName ?? "").targetGroupArns.map((arn) => ({
        LoadBalancerTargetGroupARN: arn,
        State: "InService",
      })),
    }),
    ...absentHandlers(check),
  };
}

function absentHandlers(check: (group: string | undefined) => void): Handlers<typeof autoscaling> {
  return {
    DescribePolicies: ({ AutoScalingGroupName }) => {
      check(AutoScalingGroupName);
      return { ScalingPolicies: [] };
    },
    DescribeInstanceRefreshes: ({ AutoScalingGroupName }) => {
      check(AutoScalingGroupName);
      return { InstanceRefreshes: [] };
    },
    DescribeScheduledActions: ({ AutoScalingGroupName }) => {
      check(AutoScalingGroupName);
      return { ScheduledUpdateGroupActions: [] };
    },
    DescribeWarmPool: ({ AutoScalingGroupName }) => {
      check(AutoScalingGroupName);
      return { Instances: [] };
    },
    DescribeLoadBalancers: ({ AutoScalingGroupName }) => {
      check(AutoScalingGroupName);
      return { LoadBalancers: [] };
    },
    DescribeLaunchConfigurations: () => ({ LaunchConfigurations: [] }),
    DescribeNotificationConfigurations: () => ({ NotificationConfigurations: [] }),
  };
}
