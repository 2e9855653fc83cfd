import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-sns";
import type { CloudContext } from "../context/context.ts";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";

interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
}

interface Topic {
  displayName: string;
  policy: string;
  readonly subscriptions: Subscription[];
}

/** Pages of the lists; SNS fixes their size. */
const PAGE = 100;

/** Topics of one local cloud. Messages are logged and go nowhere: subscriptions stay unconfirmed. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  put(arn: string, settings: { readonly displayName?: string; readonly policy?: string }): void {
    const topic = this.#topics.get(arn) ?? { displayName: "", policy: "", subscriptions: [] };
    this.#topics.set(arn, Object.assign(topic, settings));
  }

  subscribe(arn: string, subscription: Subscription): void {
    this.#get(arn).subscriptions.push(subscription);
  }

  /** A message for nobody: the person who runs the local cloud sees it. */
  publish(arn: string, subject: string): string {
    this.#get(arn);
    this.#context.log(`sns: ${arn.split(":").at(-1)}: ${subject}`);
    return randomUUID();
  }

  handlers(): Handlers<typeof sdk> {
    return {
      ListTopics: ({ NextToken }) => {
        const page = pageOf([...this.#topics.keys()].sort(), NextToken);
        return { Topics: page.items.map((TopicArn) => ({ TopicArn })), NextToken: page.nextToken };
      },
      GetTopicAttributes: ({ TopicArn = "" }) => ({ Attributes: this.#attributes(TopicArn) }),
      ListSubscriptions: ({ NextToken }) => {
        const all = [...this.#topics.keys()].flatMap((arn) => this.#subscriptions(arn));
        const page = pageOf(all, NextToken);
        return { Subscriptions: page.items, NextToken: page.nextToken };
      },
      ListSubscriptionsByTopic: ({ TopicArn = "", NextToken }) => {
        const page = pageOf(this.#subscriptions(TopicArn), NextToken);
        return { Subscriptions: page.items, NextToken: page.nextToken };
      },
      ListTagsForResource: ({ ResourceArn = "" }) => {
        this.#get(ResourceArn);
        return { Tags: [] };
      },
      Publish: ({ TopicArn = "", Subject, Message = "" }) => ({
        MessageId: this.publish(TopicArn, Subject ?? Message),
      }),
    };
  }

  #get(arn: string): Topic {
    const topic = this.#topics.get(arn);
    if (!topic) throw new AwsError("NotFoundException", "Topic does not exist", { status: 404 });
    return topic;
  }

  #attributes(arn: string): Record<string, string> {
    const { displayName, policy, subscriptions } = this.#get(arn);
    return {
      TopicArn: arn,
      DisplayName: displayName,
      Owner: this.#context.accountId,
      ...(policy !== "" && { Policy: policy }),
      SubscriptionsConfirmed: "0",
      SubscriptionsPending: String(subscriptions.length),
      SubscriptionsDeleted: "0",
    };
  }

  #subscriptions(arn: string): sdk.Subscription[] {
    return this.#get(arn).subscriptions.map(({ protocol, endpoint }) => ({
      SubscriptionArn: "PendingConfirmation",
      Owner: this.#context.accountId,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: arn,
    }));
  }
}

function pageOf<T>(all: readonly T[], token: string | undefined) {
  return paginate(all, { limit: PAGE, token, tokenError: "InvalidParameterException" });
}
