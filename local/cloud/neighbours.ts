import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import type { EventBridgeService, PutElsewhere } from "../eventbridge/event-bridge.ts";
import { isElsewhere } from "../eventbridge/rules.ts";
import type { TargetServices } from "../eventbridge/targets.ts";
import type { Authorizer } from "../iam/authorization/authorizer.ts";
import { letsIn } from "../iam/caller.ts";
import type { Iam } from "../iam/iam.ts";
import { AwsError } from "../wire/contract.ts";
import type { Internet, PublicSide } from "./internet.ts";

type Account = Pick<CloudContext, "accountId" | "region" | "organizationId">;

/** What this cloud shows to the others: names, roles that trust them, buses whose policies let them in. */
export function publicSide(
  account: Account,
  parts: Pick<PublicSide, "elbV2" | "route53" | "hosts"> & {
    readonly iam: Pick<Iam, "assumeRole">;
    readonly events: () => Pick<EventBridgeService, "policyOf" | "put">;
  },
): PublicSide {
  const { iam, events, ...names } = parts;
  return {
    ...names,
    assumeRole: iam.assumeRole,
    isOwnBus: (busArn) => !isElsewhere(account, busArn),
    putEvent: ({ busArn, event, from }, caller) => {
      const bus = events();
      const policy = bus.policyOf(busArn);
      const keys = { "events:source": event.source, "events:detail-type": event.detailType };
      const request = { action: "events:PutEvents", resource: busArn, context: keys };
      const isOwn = caller.accountId === account.accountId;
      if (!isOwn && !(policy && letsIn(policy, caller, request))) throw notLetIn(caller.arn, busArn);
      bus.put(busArn, event, from);
    },
  };
}

/** How this cloud puts events on the buses of others, in the name of who has been allowed to. */
export function putElsewhere(account: Account, internet: Internet): PutElsewhere {
  const { accountId, region, organizationId } = account;
  const self = accountPrincipal(account);
  return (busArn, event, principal, from) => {
    // Of an account that shows no role, no organization is known (PutPermission).
    const caller = principal.arn === self.arn ? { ...self, accountId } : { ...principal, accountId, organizationId };
    const request = { busArn, event, from: { account: accountId, region, ...from } };
    const known = internet.putEvent(request, caller);
    if (!known) throw new AwsError("ResourceNotFoundException", `Event bus ${busArn} does not exist.`);
  };
}

/** Delivery from one bus to another, here or elsewhere. */
export function busTargets(
  account: Account,
  parts: {
    readonly authorizer: () => Authorizer;
    readonly events: () => EventBridgeService;
    readonly put: PutElsewhere;
  },
): Pick<TargetServices, "isElsewhere" | "putEvent"> {
  return {
    isElsewhere: (busArn) => isElsewhere(account, busArn),
    putEvent: ({ busArn, event, roleArn, from }) => {
      if (roleArn !== undefined) {
        parts.authorizer().require({ roleArn, action: "events:PutEvents", resource: busArn });
      }
      if (isElsewhere(account, busArn)) parts.put(busArn, event, senderOf(account, roleArn), from);
      else parts.events().put(busArn, event);
    },
  };
}

/** Without a role it is the account that sends. */
function senderOf(account: Account, roleArn: string | undefined): Principal {
  if (roleArn === undefined) return accountPrincipal(account);
  const role = roleArn.split("/").at(-1) ?? roleArn;
  return { arn: `arn:aws:sts::${account.accountId}:assumed-role/${role}/events`, roleArn };
}

function accountPrincipal({ accountId }: Account): Principal {
  return { arn: `arn:aws:iam::${accountId}:root` };
}

function notLetIn(arn: string, busArn: string): AwsError {
  return new AwsError(
    "AccessDeniedException",
    `User: ${arn} is not authorized to perform: events:PutEvents on resource: ${busArn} because no resource-based policy allows the events:PutEvents action`,
  );
}
