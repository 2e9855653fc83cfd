import { causeNow } from "./activities.ts";
import type { Engine } from "./engine.ts";
import { evaluateHealth, replacementCause, replaceUnhealthy } from "./health.ts";
import { capacityCause, launchOne, stepLaunch } from "./launch.ts";
import { concludeAction } from "./lifecycle.ts";
import { counted, type Group, isSuspended } from "./model.ts";
import { chooseVictim } from "./placement.ts";
import { beginTermination, stepTermination } from "./terminate.ts";

/** Brings a group one step nearer to what it should be. Called after every change and whenever something falls due. */
export function reconcile(engine: Engine, group: Group): void {
  expireActions(engine, group);
  evaluateHealth(engine, group);
  stepMembers(engine, group);
  if (group.deleting) {
    finishDeletion(engine, group);
    return;
  }
  replaceUnhealthy(engine, group);
  const missing = group.desired - counted(group).length - inFlight(engine, group);
  if (missing > 0) grow(engine, group);
  else if (missing < 0) shrink(engine, group);
  else settle(group);
}

function expireActions(engine: Engine, group: Group): void {
  const now = engine.context.clock.now();
  for (const member of group.members) {
    const expired = member.actions.find((action) => Math.min(action.deadline, action.latest) <= now);
    if (expired) concludeAction(engine, group, member, expired, expired.hook.defaultResult);
  }
}

function stepMembers(engine: Engine, group: Group): void {
  for (const member of [...group.members]) {
    if (member.state === "Pending" || member.state === "Pending:Proceed") stepLaunch(engine, group, member);
    else if (member.state === "Terminating" || member.state === "Terminating:Proceed") {
      stepTermination(engine, group, member);
    }
  }
}

function inFlight(engine: Engine, group: Group): number {
  return engine.launching.get(group.name)?.length ?? 0;
}

function grow(engine: Engine, group: Group): void {
  if (isSuspended(group, "Launch") || engine.context.clock.now() < group.retryAt) return;
  for (let have = counted(group).length + inFlight(engine, group); have < group.desired; have += 1) {
    if (group.replacementsOwed > 0) {
      group.replacementsOwed -= 1;
      launchOne(engine, group, replacementCause(engine));
    } else {
      launchOne(engine, group, capacityCause(engine, group, have, have + 1));
    }
  }
}

function shrink(engine: Engine, group: Group): void {
  if (isSuspended(group, "Terminate")) return;
  for (let have = counted(group).length; have > group.desired; have -= 1) {
    const victim = chooseVictim(group);
    if (!victim) return;
    const selection = causeNow(engine, `instance ${victim.instanceId} was selected for termination.`);
    beginTermination(engine, group, victim, { cause: `${capacityCause(engine, group, have, have - 1)}  ${selection}` });
  }
}

/** Nothing is missing: what explained the last difference does not explain the next. */
function settle(group: Group): void {
  group.capacityCause = "";
  group.replacementsOwed = 0;
}

function finishDeletion(engine: Engine, group: Group): void {
  if (group.members.length === 0 && inFlight(engine, group) === 0) delete engine.state.groups[group.name];
}

/**
 * When a group next needs a look if nothing happens to it before; undefined if it can sleep. What fell due while it was
 * reconciled counts: `since` is the moment before that, so that no tick in between is lost.
 */
export function nextDue(engine: Engine, group: Group, since: number): number | undefined {
  const due: number[] = [];
  for (const member of group.members) {
    for (const action of member.actions) due.push(Math.min(action.deadline, action.latest));
    if (member.state === "Pending:Proceed" || (member.state.startsWith("Terminating") && !member.terminateSent)) {
      due.push(member.dueAt);
    }
    due.push(member.ec2StateSince + engine.timings.detection);
    if (member.impairedSince !== undefined) due.push(member.impairedSince + engine.timings.impairedDelay);
    if (member.inServiceSince !== undefined) due.push(member.inServiceSince + group.healthCheckGracePeriod * 1_000);
  }
  due.push(group.retryAt);
  const future = due.filter((time) => time > since);
  return future.length > 0 ? Math.min(...future) : undefined;
}
