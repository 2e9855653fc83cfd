import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { getListener } from "./lookup.ts";
import type { Listener } from "./model.ts";

/** Rules and attributes of listeners, and what the account may have. */
export function ruleHandlers({ state, quotas }: Engine): Handlers<typeof elb> {
  return {
    DescribeRules: ({ ListenerArn, RuleArns = [] }) => {
      const listeners = ListenerArn === undefined ? Object.values(state.listeners) : [getListener(state, ListenerArn)];
      const rules = listeners.map(defaultRule);
      return { Rules: rules.filter(({ RuleArn = "" }) => RuleArns.length === 0 || RuleArns.includes(RuleArn)) };
    },
    DescribeListenerAttributes: ({ ListenerArn }) => {
      getListener(state, ListenerArn);
      return { Attributes: [{ Key: "tcp.idle_timeout.seconds", Value: "350" }] };
    },
    DescribeAccountLimits: () => ({
      Limits: [{ Name: "network-load-balancers", Max: String(quotas.limit("networkLoadBalancers")) }],
    }),
    // Listeners here speak TCP; the policy is the one that a TLS listener would have.
    DescribeSSLPolicies: () => ({
      SslPolicies: [
        {
          Name: "ELBSecurityPolicy-TLS13-1-2-2021-06",
          SslProtocols: ["TLSv1.2", "TLSv1.3"],
          Ciphers: [{ Name: "TLS_AES_128_GCM_SHA256", Priority: 1 }],
          SupportedLoadBalancerTypes: ["application", "network"],
        },
      ],
    }),
  };
}

/** The one rule that each listener has. */
function defaultRule({ arn, targetGroupArn }: Listener): elb.Rule {
  return {
    RuleArn: `${arn.replace(":listener/", ":listener-rule/")}/0000000000000001`,
    Priority: "default",
    Conditions: [],
    Actions: [{ Type: "forward", TargetGroupArn: targetGroupArn }],
    IsDefault: true,
  };
}
