import { createHash } from "node:crypto";
import type { ApiTarget } from "../../../client/api-target.ts";
import { EXIT } from "../../../client/exit-codes.ts";
import { parseCommandLine } from "../../../client/grammar/parse-command.ts";
import { renderRefusal } from "../../../client/render/render.ts";
import type { AccessRules } from "../../domain/access/authorization.ts";
import type { AuditEntry } from "../../domain/chat/audit.ts";
import { type Delivery, PLAN_LIFE_MS } from "../../domain/chat/delivery.ts";
import { aside } from "../../domain/chat/message.ts";
import { shown } from "../../domain/spec/values.ts";
import { putPlan } from "../../store/chat.ts";
import type { Table } from "../../store/keys.ts";
import { type ChatRequest, evaluateCommand, planOf, unconfirmed } from "./command-rule.ts";
import { reply } from "./reply.ts";
import { type CommandResult, runOnBehalf } from "./session.ts";

/** What is needed to answer, besides the delivery. */
export interface Chat {
  readonly table: Table;
  readonly target: ApiTarget;
  /** What the API asks two persons for, a chat does, too: otherwise it would be the way around. */
  readonly apiAccess: Pick<AccessRules, "secondPerson">;
}

/** One delivery being answered. */
export interface Exchange extends Audited {
  readonly delivery: Delivery;
  readonly access: AccessRules;
}

/** A chat whose deliveries are executed and recorded. */
export interface Audited extends Chat {
  readonly audit: (entry: AuditEntry) => void;
}

export type Run = Extract<ChatRequest, { kind: "run" }>;

export const MAX_SHOWN_LENGTH = 400;

/** Parses a line of text. A line that is not understood is answered with its problem. */
export function readRequest(text: string): ChatRequest {
  const parsed = parseCommandLine(text);
  if (parsed.ok) return evaluateCommand(parsed.command);
  return { kind: "say", text: `${renderRefusal(parsed.problems, "table")}\n${parsed.help}` };
}

/** The command as far as it goes without a button: all of it when it only reads. */
export async function preview({ delivery, access, target }: Exchange, { command }: Run): Promise<CommandResult> {
  const of = { access, principal: delivery.from.principal, changeKey: null };
  const plan = planOf(command);
  if (plan === undefined) return runOnBehalf(unconfirmed(command), target, of);
  const read = await runOnBehalf(plan.reads, target, of);
  return read.code === EXIT.done ? { ...read, out: plan.text } : read;
}

/** Shows a plan to the channel and keeps it under the delivery's id, which is what the buttons carry. */
export async function askForButton(
  { table, target, delivery }: Exchange,
  text: string,
  { action }: Run,
  result: CommandResult,
  preface = "",
): Promise<void> {
  const now = new Date();
  const plan = {
    id: delivery.id,
    text,
    hash: hashOf(result),
    askedBy: delivery.from,
    askedIn: delivery.id,
    status: "PENDING" as const,
    decidedBy: null,
    decidedIn: null,
    expiresAtMs: now.getTime() + PLAN_LIFE_MS,
  };
  await putPlan(table, plan, now);
  await reply(table, target.url, delivery, {
    text: [preface, delivery.from, ` asks for: ${shown(text, MAX_SHOWN_LENGTH)}`],
    body: textOf(result),
    audience: "channel",
    replace: preface !== "",
    buttons: { plan: plan.id, danger: action === "delete" },
  });
}

/** Of everything that the person saw, and nothing else. */
export function hashOf(result: CommandResult): string {
  const plan = GROWING.reduce((text, part) => text.replace(part, ""), textOf(result));
  return createHash("sha256").update(plan).digest("hex");
}

/** What a restore loses grows while somebody reads the plan. The moment from which all is lost stays, and counts. */
const GROWING = [
  /(?<=^Lost: ).*(?=, everything since )/m,
  / \(\d+ \S+ ago\)\.$/m,
  /"(?:lastRevision|lostSeconds|lostRevisions)": (?:\d+|null)/g,
];

/** What a terminal would show, without the hint to type `--yes`, which in a chat is a button. */
export function textOf({ out, notes }: CommandResult): string {
  return [out, ...notes.filter((note) => !note.startsWith("Nothing was changed. Add --yes"))].join("\n").trim();
}

export function say({ table, target, delivery }: Exchange, text: string, body: string | null): Promise<void> {
  return reply(table, target.url, delivery, { ...aside(text), body });
}

export function record(
  { audit, delivery }: Exchange,
  entry: Pick<AuditEntry, "what" | "cluster" | "outcome" | "detail">,
): void {
  const { principal, name } = delivery.from;
  const what = shown(entry.what, MAX_SHOWN_LENGTH);
  const who = { time: delivery.receivedAt, principal, name, delivery: delivery.id };
  audit({ ...who, ...entry, what });
}
