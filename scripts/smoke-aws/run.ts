import { CHECKS, type CheckName } from "./cases.ts";
import { checkAccount } from "./checks/account.ts";
import { createCase } from "./checks/create.ts";
import { deleteCase } from "./checks/delete.ts";
import { healDetached, healTerminated } from "./checks/heal.ts";
import { checkAuthority, checkConsole, checkDisks } from "./checks/inspect.ts";
import { checkStack } from "./checks/stack.ts";
import { type Action, nextAction } from "./next.ts";
import { removeStack } from "./stack.ts";
import type { Result } from "./state.ts";
import { sweep } from "./sweep.ts";
import type { Outcome, Tools } from "./tools.ts";

const RUNS: Readonly<Record<CheckName, (tools: Tools) => Promise<Outcome>>> = {
  account: checkAccount,
  stack: checkStack,
  "create-private": (tools) => createCase("private", tools),
  "disks-private": (tools) => checkDisks("private", tools),
  "console-private": (tools) => checkConsole("private", tools),
  "authority-private": (tools) => checkAuthority("private", tools),
  "delete-private": (tools) => deleteCase("private", tools),
  "create-public": (tools) => createCase("public", tools),
  "console-public": (tools) => checkConsole("public", tools),
  "delete-public": (tools) => deleteCase("public", tools),
  "create-ha": (tools) => createCase("ha", tools),
  "authority-ha": (tools) => checkAuthority("ha", tools),
  "heal-terminated": healTerminated,
  "heal-detached": healDetached,
  "delete-ha": (tools) => deleteCase("ha", tools),
};

/** Does one thing after the other until there is none left. Resolves in any case: what went wrong is in the results. */
export async function carryOn(tools: Tools): Promise<void> {
  for (;;) {
    if (tools.signal.aborted && tools.state.stopping === null) await tools.save({ stopping: "the run was stopped" });
    const action = nextAction(tools.state);
    if (action.kind === "finished") return;
    const goesOn = await act(action, tools);
    if (!goesOn) return;
  }
}

/** False when nothing more can be done now: `--resume` tries it again. */
async function act(action: Exclude<Action, { kind: "finished" }>, tools: Tools): Promise<boolean> {
  const { state, save, say, aws } = tools;
  if (action.kind === "skip") {
    say(`${action.check}: ${CHECKS[action.check].title}`);
    await record(tools, action.check, new Date(), { status: "skipped", message: action.why, evidence: {} });
    return true;
  }
  if (action.kind === "run") {
    await runCheck(action.check, tools);
    return true;
  }
  if (action.kind === "sweep") {
    const left = await sweep(aws, state.run, say);
    await save({ left: left.map(({ type, id }) => `${type} ${id}`) });
    return left.length === 0;
  }
  const left = await removeStack(state, { save, say }).catch((error: unknown) => [
    { type: "stack", id: error instanceof Error ? error.message : String(error) },
  ]);
  if (left.length === 0) await save({ stack: "removed" });
  else await save({ left: left.map(({ type, id }) => `${type} ${id}`) });
  return left.length === 0;
}

async function runCheck(check: CheckName, tools: Tools): Promise<void> {
  const startedAt = new Date();
  tools.say(`${check}: ${CHECKS[check].title} …`);
  await tools.save({ running: check });
  const outcome = await RUNS[check](tools).catch((error: unknown): Outcome => {
    if (tools.signal.aborted && !check.startsWith("delete-"))
      return { status: "skipped", message: "the run was stopped", evidence: {} };
    const evidence = { error: error instanceof Error ? error.name : "unknown" };
    return { status: "failed", message: error instanceof Error ? error.message : String(error), evidence };
  });
  await record(tools, check, startedAt, outcome);
}

async function record({ state, save, say }: Tools, check: CheckName, startedAt: Date, outcome: Outcome): Promise<void> {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 100) / 10;
  const result: Result = { check, startedAt: startedAt.toISOString(), seconds, ...outcome };
  await save({ results: [...state.results, result], running: null });
  say(`  ${outcome.status} after ${seconds} s: ${outcome.message}`);
}
