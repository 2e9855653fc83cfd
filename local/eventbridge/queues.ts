import { randomUUID } from "node:crypto";
import { AwsError } from "../wire/contract.ts";

/** What lies in a dead-letter queue. */
export interface QueueMessage {
  readonly messageId: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Dead-letter queues: they take messages and show them. SQS's API is not emulated, because nothing in Holdfast reads a
 * queue; people do, by the local cloud's own pages.
 */
export class Queues {
  readonly #messages = new Map<string, QueueMessage[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  create(arn: string): void {
    if (!this.#messages.has(arn)) this.#messages.set(arn, []);
  }

  /** @throws AwsError `AWS.SimpleQueueService.NonExistentQueue` */
  send(arn: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.#queue(arn).push({ messageId: randomUUID(), sentAt: this.#now(), body, attributes });
  }

  /** Everything in the queue, oldest first. */
  messages(arn: string): readonly QueueMessage[] {
    return this.#queue(arn);
  }

  arns(): readonly string[] {
    return [...this.#messages.keys()];
  }

  #queue(arn: string): QueueMessage[] {
    const queue = this.#messages.get(arn);
    if (!queue) throw new AwsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.");
    return queue;
  }
}
