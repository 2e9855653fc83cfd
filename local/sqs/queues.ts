import { createHash, randomUUID } from "node:crypto";
import { AwsError } from "../wire/contract.ts";

/** What lies in a queue. */
export interface QueueMessage {
  readonly messageId: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Held extends QueueMessage {
  receipts: number;
  firstReceivedAt?: number;
  /** Who received it keeps it from others until then. */
  hiddenUntil: number;
  receiptHandle?: string;
}

interface Queue {
  readonly messages: Held[];
  attributes: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

/** Standard queues: messages wait, are received, come back after their visibility time-out, and are deleted. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Creates a queue, or sets the attributes of one, by SQS's names of them. */
  create(arn: string, attributes: Readonly<Record<string, string>> = {}): void {
    const existing = this.#queues.get(arn);
    if (existing) existing.attributes = { ...existing.attributes, ...attributes };
    else this.#queues.set(arn, { messages: [], attributes, createdAt: this.#now() });
  }

  /** @throws AwsError `QueueDoesNotExist` */
  send(arn: string, body: string, attributes: Readonly<Record<string, string>> = {}): QueueMessage {
    const message = { messageId: randomUUID(), sentAt: this.#now(), body, attributes, receipts: 0, hiddenUntil: 0 };
    this.#queue(arn).messages.push(message);
    return message;
  }

  /** Everything in the queue, received or not, oldest first. */
  messages(arn: string): readonly QueueMessage[] {
    return this.#queue(arn).messages;
  }

  arns(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** How many messages may be received now. */
  waiting(arn: string): number {
    return this.#queue(arn).messages.filter(({ hiddenUntil }) => hiddenUntil <= this.#now()).length;
  }

  /** What the queue is like, by SQS's names of attributes, but for those of its place. */
  attributes(arn: string): Record<string, string> {
    const { attributes, createdAt, messages } = this.#queue(arn);
    const hidden = messages.filter(({ hiddenUntil }) => hiddenUntil > this.#now()).length;
    return {
      ...DEFAULTS,
      ...attributes,
      ApproximateNumberOfMessages: String(messages.length - hidden),
      ApproximateNumberOfMessagesNotVisible: String(hidden),
      ApproximateNumberOfMessagesDelayed: "0",
      CreatedTimestamp: String(Math.floor(createdAt / 1000)),
      LastModifiedTimestamp: String(Math.floor(createdAt / 1000)),
    };
  }

  /** Takes up to `limit` messages and hides them for the visibility time-out, in seconds. */
  receive(arn: string, limit: number, visibilitySeconds?: number) {
    const { messages, attributes } = this.#queue(arn);
    const now = this.#now();
    const hidden = visibilitySeconds ?? Number(attributes["VisibilityTimeout"] ?? DEFAULTS.VisibilityTimeout);
    const taken = messages.filter(({ hiddenUntil }) => hiddenUntil <= now).slice(0, limit);
    return taken.map((message) => {
      message.receipts += 1;
      message.firstReceivedAt ??= now;
      message.hiddenUntil = now + hidden * 1000;
      const receiptHandle = randomUUID();
      message.receiptHandle = receiptHandle;
      const { messageId, body, attributes: given, sentAt, receipts, firstReceivedAt } = message;
      return { messageId, body, attributes: given, sentAt, receipts, firstReceivedAt, receiptHandle };
    });
  }

  setVisibility(arn: string, receiptHandle: string, seconds: number): void {
    this.#received(arn, receiptHandle).hiddenUntil = this.#now() + seconds * 1000;
  }

  delete(arn: string, receiptHandle: string): void {
    const { messages } = this.#queue(arn);
    messages.splice(messages.indexOf(this.#received(arn, receiptHandle)), 1);
  }

  purge(arn: string): void {
    this.#queue(arn).messages.splice(0);
  }

  #received(arn: string, receiptHandle: string): Held {
    const found = this.#queue(arn).messages.find((message) => message.receiptHandle === receiptHandle);
    if (!found) throw new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    return found;
  }

  #queue(arn: string): Queue {
    const queue = this.#queues.get(arn);
    if (!queue) throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }
}

/** SQS API reference, CreateQueue. */
const DEFAULTS = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
  VisibilityTimeout: "30",
};

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
