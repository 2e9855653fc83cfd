import { GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { Delivery, PendingPlan, type Person } from "../domain/chat/delivery.ts";
import { MAX_POSTS } from "../domain/chat/progress.ts";
import { holds, keys, type Table } from "./keys.ts";

const DAY_S = 86_400;
/** Twice the window in which a signature is good. */
const SIGNATURE_S = 600;
const NOTIFICATION_S = 7 * DAY_S;
/** Longer than any function of ours runs: whoever claimed a notification and did not post it by then is dead. */
const NOTIFICATION_CLAIM_MS = 60_000;

function secondsOf(now: Date): number {
  return Math.floor(now.getTime() / 1000);
}

/**
 * Remembers a delivery and the signature that it came with. "known" if either was here before: a replay, or a chat that
 * delivers twice.
 */
export async function recordDelivery(
  table: Table,
  delivery: Delivery,
  fingerprint: string,
  now: Date,
): Promise<"new" | "known"> {
  const put = (Item: Record<string, unknown>) => ({
    Put: { TableName: table.name, Item, ConditionExpression: "attribute_not_exists(pk)" },
  });
  const seconds = secondsOf(now);
  const writes = [
    put({ ...keys.chatDelivery(delivery.id), record: delivery, posts: 0, said: "", expiresAt: seconds + DAY_S }),
    put({ ...keys.chatSignature(fingerprint), expiresAt: seconds + SIGNATURE_S }),
  ];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
    return "new";
  } catch (error) {
    if (error instanceof Error && error.name === "TransactionCanceledException") return "known";
    throw error;
  }
}

/** A delivery with what was answered to it so far. */
export interface Conversation {
  readonly delivery: Delivery;
  readonly posts: number;
  /** The last progress that was said. */
  readonly said: string;
}

export async function getConversation(table: Table, id: string): Promise<Conversation> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.chatDelivery(id), ConsistentRead: true }),
  );
  if (!Item) throw new Error(`there is no delivery ${id}`);
  return { delivery: Delivery.parse(Item["record"]), posts: Number(Item["posts"]), said: String(Item["said"]) };
}

/** Counts an answer before it is posted; false when the address has had all that it takes. */
export async function countPost(table: Table, id: string, said: string): Promise<boolean> {
  return holds(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.chatDelivery(id),
        UpdateExpression: "ADD posts :one SET said = :said",
        ConditionExpression: "attribute_exists(pk) AND posts < :max",
        ExpressionAttributeValues: { ":one": 1, ":max": MAX_POSTS, ":said": said },
      }),
    ),
  );
}

/** Keeps a plan unless it is kept already. */
export async function putPlan(table: Table, plan: PendingPlan, now: Date): Promise<void> {
  await holds(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.chatPlan(plan.id), record: plan, expiresAt: secondsOf(now) + DAY_S },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
}

export async function findPlan(table: Table, id: string): Promise<PendingPlan | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.chatPlan(id), ConsistentRead: true }),
  );
  return Item && PendingPlan.parse(Item["record"]);
}

/** Of all who press, one decides; false for the others. The decider's own repetition is true again. */
export async function decidePlan(
  table: Table,
  id: string,
  decision: { readonly status: PendingPlan["status"]; readonly by: Person; readonly delivery: string },
): Promise<boolean> {
  return holds(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.chatPlan(id),
        UpdateExpression: "SET #r.#status = :status, #r.decidedBy = :by, #r.decidedIn = :delivery",
        ConditionExpression: "#r.#status = :pending OR #r.decidedIn = :delivery",
        ExpressionAttributeNames: { "#r": "record", "#status": "status" },
        ExpressionAttributeValues: {
          ":status": decision.status,
          ":by": decision.by,
          ":delivery": decision.delivery,
          ":pending": "PENDING" satisfies PendingPlan["status"],
        },
      }),
    ),
  );
}

/** True for one of those who want to post this notification; again after a minute, unless it was posted. */
export async function claimNotification(table: Table, id: string, now: Date): Promise<boolean> {
  return holds(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...keys.chatNotification(id),
          posted: false,
          claimedUntil: now.getTime() + NOTIFICATION_CLAIM_MS,
          expiresAt: secondsOf(now) + NOTIFICATION_S,
        },
        ConditionExpression: "attribute_not_exists(pk) OR (posted = :no AND claimedUntil < :now)",
        ExpressionAttributeValues: { ":no": false, ":now": now.getTime() },
      }),
    ),
  );
}

/** Posted: never again. Not posted: whoever tries again may do so at once. */
export async function completeNotification(table: Table, id: string, posted: boolean): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.chatNotification(id),
      UpdateExpression: "SET posted = :posted, claimedUntil = :none",
      ExpressionAttributeValues: { ":posted": posted, ":none": 0 },
    }),
  );
}
