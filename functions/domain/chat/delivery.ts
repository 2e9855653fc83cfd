import * as z from "zod";
import { ADAPTERS } from "./settings.ts";

/** Somebody in a chat. The id is the chat's own and never changes; the name may, and is only ever shown. */
const Person = z.object({
  /** As `AccessRules` knows them: `slack:TEAM/USER`. */
  principal: z.string(),
  id: z.string(),
  name: z.string(),
});
export type Person = z.output<typeof Person>;

/** What a chat sent, verified, in a form independent of the chat. A repeated click or command has the same `id`. */
export const Delivery = z.object({
  id: z.string(),
  adapter: z.enum(ADAPTERS),
  from: Person,
  request: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("command"), text: z.string() }),
    z.object({ kind: z.literal("button"), decision: z.enum(["confirm", "cancel"]), plan: z.string() }),
  ]),
  /** Where answers go; null: to where the command's went. */
  replyUrl: z.string().nullable(),
  receivedAt: z.iso.datetime(),
});
export type Delivery = z.output<typeof Delivery>;

/** What was asked for and waits for its button. */
export const PendingPlan = z.object({
  id: z.string(),
  /** The command as it was typed. */
  text: z.string(),
  /** Of what was shown: who presses the button confirms that, and nothing else. */
  hash: z.string(),
  askedBy: Person,
  /** The delivery that asked. */
  askedIn: z.string(),
  status: z.enum(["PENDING", "CONFIRMED", "CANCELLED", "REPLACED"]),
  decidedBy: Person.nullable(),
  /** The delivery that decided: when its work is repeated, it finds its own decision. */
  decidedIn: z.string().nullable(),
  /** Epoch milliseconds. */
  expiresAtMs: z.number(),
});
export type PendingPlan = z.output<typeof PendingPlan>;

/** As long as Slack's own answer addresses live. */
export const PLAN_LIFE_MS = 30 * 60_000;

/** Why a button has no effect, as a sentence; undefined when it may have one. */
export function evaluateButton(
  plan: PendingPlan | undefined,
  delivery: string,
  nowMs: number,
): { readonly sentence: string } | undefined {
  if (!plan) return { sentence: "This plan is not known any more; nothing was changed. Type the command again." };
  if (plan.decidedIn === delivery) return undefined;
  if (plan.status !== "PENDING") return { sentence: `This plan was ${plan.status.toLowerCase()} already.` };
  if (plan.expiresAtMs < nowMs)
    return { sentence: "This plan has expired; nothing was changed. Type the command again." };
  return undefined;
}
