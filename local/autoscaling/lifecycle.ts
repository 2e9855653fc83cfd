import type { Engine } from "./engine.ts";
import { cancelLaunch, proceedLaunch } from "./launch.ts";
import type { ActionResult, Group, LifecycleAction, Member } from "./model.ts";
import { isPending } from "./model.ts";
import { proceedTermination } from "./terminate.ts";

/**
 * A hook lets go of an instance (docs/references/aws.md#hooks). Launching: CONTINUE waits for the other hooks and
 * continues, ABANDON ends the instance. Terminating: both end in termination, ABANDON without waiting for the other
 * hooks.
 */
export function concludeAction(
  engine: Engine,
  group: Group,
  member: Member,
  action: LifecycleAction,
  result: ActionResult,
): void {
  member.actions = member.actions.filter((other) => other !== action);
  if (isPending(member)) {
    if (result === "ABANDON") {
      cancelLaunch(
        engine,
        group,
        member,
        `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${action.token} was abandoned: Lifecycle Action Completed with ABANDON Result`,
      );
    } else if (member.actions.length === 0) {
      proceedLaunch(engine, group, member);
    }
  } else if (result === "ABANDON" || member.actions.length === 0) {
    proceedTermination(engine, group, member);
  }
}
