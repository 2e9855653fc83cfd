import { EXIT } from "../../../client/exit-codes.ts";
import { mayDo, needsSecondPerson } from "../../domain/access/authorization.ts";
import { OperationViewSchema } from "../../domain/api/views.ts";
import { type Delivery, evaluateButton, type PendingPlan } from "../../domain/chat/delivery.ts";
import { shown } from "../../domain/spec/values.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import { system } from "../../runtime/system.ts";
import { decidePlan, findPlan } from "../../store/chat.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";
import { confirmed } from "./command-rule.ts";
import {
  askForButton,
  type Exchange,
  hashOf,
  MAX_SHOWN_LENGTH,
  preview,
  type Run,
  readRequest,
  record,
  say,
  textOf,
} from "./exchange.ts";
import { reply } from "./reply.ts";
import { type CommandResult, deniedSentence, runOnBehalf } from "./session.ts";

const deps = { ...system, aws: { ...recordEventCalls } };

const CHANGED = "What was shown is no longer so. Nothing was changed; this is how it is now. ";

type Button = Extract<Delivery["request"], { kind: "button" }>;

/**
 * Handles Confirm and Cancel: checks who pressed, and makes the plan again. Returns the operation to follow, or null.
 */
export async function pressButton(exchange: Exchange, button: Button): Promise<string | null> {
  const { table, delivery, access } = exchange;
  const plan = await findPlan(table, button.plan);
  const hindrance = evaluateButton(plan, delivery.id, Date.now());
  if (!plan || hindrance) {
    await say(exchange, hindrance?.sentence ?? "", null);
    return null;
  }
  const request = readRequest(plan.text);
  if (request.kind !== "run") throw new Error(`plan ${plan.id} holds what is no command`);
  const { action, cluster } = request;
  const { principal } = delivery.from;
  const what = { what: plan.text, cluster };
  const isSecond = principal !== plan.askedBy.principal;
  const needsSecond =
    button.decision === "confirm" &&
    (needsSecondPerson(access, action) || needsSecondPerson(exchange.apiAccess, action)) &&
    !isSecond;
  if (!mayDo(access, principal, action, cluster) || needsSecond) {
    const denial = needsSecond
      ? `to ${action} takes two: somebody else who may must press Confirm`
      : deniedSentence(action, cluster);
    await say(exchange, `Sorry, ${denial}.`, null);
    record(exchange, { ...what, outcome: "denied", detail: `${button.decision}: ${denial}` });
    return null;
  }
  return button.decision === "cancel" ? cancel(exchange, plan, request) : confirm(exchange, plan, request);
}

async function cancel(exchange: Exchange, plan: PendingPlan, { cluster }: Run): Promise<null> {
  if (await decide(exchange, plan, "CANCELLED")) {
    await closePlan(exchange, plan, ["Cancelled by ", exchange.delivery.from, "; nothing was changed."], null);
    record(exchange, { what: plan.text, cluster, outcome: "cancelled", detail: null });
  }
  return null;
}

async function confirm(exchange: Exchange, plan: PendingPlan, request: Run): Promise<string | null> {
  const { delivery, access, target } = exchange;
  // Once confirmed, the world has changed by what we did ourselves: a repetition does not look at the plan again.
  if (plan.status !== "CONFIRMED") {
    const now = await preview(exchange, request);
    const isSame = now.code === EXIT.done && hashOf(now) === plan.hash;
    if (!isSame || plan.status === "REPLACED") return askAgain(exchange, plan, request, now);
    if (!(await decide(exchange, plan, "CONFIRMED"))) return null;
  }
  const result = await runOnBehalf(confirmed(request.command), target, {
    access,
    principal: delivery.from.principal,
    changeKey: plan.id,
  });
  const operation = OperationViewSchema.safeParse(parseJson(result.out)).data;
  const done = result.code === EXIT.done;
  const text = done ? (operation ? `: operation ${operation.id} has begun.` : ": done.") : ", but it was refused.";
  await closePlan(
    exchange,
    plan,
    ["Confirmed by ", delivery.from, text],
    done ? null : `${result.out}\n${result.notes.join("\n")}`,
  );
  const detail = operation?.id ?? result.notes.at(-1) ?? null;
  record(exchange, {
    what: plan.text,
    cluster: request.cluster,
    outcome: done ? "confirmed" : "failed",
    detail: detail === null ? null : shown(detail, MAX_SHOWN_LENGTH),
  });
  if (!done || !operation) return null;
  await recordWho(exchange, plan, operation.cluster, operation.id);
  return operation.id;
}

/** The plan has changed since it was shown: the buttons apply to the new plan, if there is one. */
async function askAgain(exchange: Exchange, plan: PendingPlan, request: Run, now: CommandResult): Promise<null> {
  if (!(await decide(exchange, plan, "REPLACED"))) return null;
  const isPossible = now.code === EXIT.done;
  if (isPossible) await askForButton(exchange, plan.text, request, now, CHANGED);
  else await closePlan(exchange, plan, [CHANGED], textOf(now));
  const outcome = isPossible ? "asked" : "failed";
  record(exchange, { what: plan.text, cluster: request.cluster, outcome, detail: "the plan had changed" });
  return null;
}

async function decide(exchange: Exchange, plan: PendingPlan, status: PendingPlan["status"]): Promise<boolean> {
  const { table, delivery } = exchange;
  const decided = await decidePlan(table, plan.id, { status, by: delivery.from, delivery: delivery.id });
  if (!decided) await say(exchange, "Somebody else was quicker; nothing was done twice.", null);
  return decided;
}

/** Takes the buttons away and says what became of them. */
function closePlan(
  { table, target, delivery }: Exchange,
  plan: PendingPlan,
  text: readonly (string | Delivery["from"])[],
  body: string | null,
): Promise<void> {
  return reply(table, target.url, delivery, {
    text: [`${shown(plan.text, MAX_SHOWN_LENGTH)}: `, ...text],
    body,
    audience: "channel",
    replace: true,
    buttons: null,
  });
}

/** Records who in the chat confirmed; the API knows only that a chat asked. */
async function recordWho({ delivery }: Exchange, plan: PendingPlan, cluster: string, operation: string) {
  const [asked, pressed] = [plan.askedBy, delivery.from].map(({ principal, name }) => `${shown(name)} (${principal})`);
  const who = asked === pressed ? `${asked} asked for and confirmed` : `${pressed} confirmed what ${asked} asked for`;
  const message = `${who} in a chat: ${shown(plan.text, MAX_SHOWN_LENGTH)}`;
  await recordEvent(deps, cluster, {
    time: delivery.receivedAt,
    type: "confirmed-in-chat",
    message,
    member: null,
    operation,
  });
}
