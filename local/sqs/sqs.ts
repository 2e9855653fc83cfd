import type * as sdk from "@aws-sdk/client-sqs";
import type { CloudContext } from "../context/context.ts";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers, type InputOf, type OutputOf } from "../wire/contract.ts";
import { md5, type Queues } from "./queues.ts";

/** SQS's API over the queues. URLs of queues are below the local cloud's own address: clients call what they are given. */
export function createSqs(context: CloudContext, queues: Queues, endpoint: () => string): Handlers<typeof sdk> {
  const { region, accountId } = context;
  const arnOf = (url = ""): string => `arn:aws:sqs:${region}:${accountId}:${url.split("/").at(-1)}`;
  const urlOf = (arn: string): string => `${endpoint()}/${accountId}/${nameOf(arn)}`;
  return {
    ListQueues: ({ QueueNamePrefix = "", MaxResults, NextToken }) => {
      const found = queues.arns().filter((arn) => nameOf(arn).startsWith(QueueNamePrefix));
      const page = paginate(found.toSorted(), {
        limit: MaxResults ?? 1_000,
        token: NextToken,
        tokenError: "InvalidParameterValue",
      });
      return { QueueUrls: page.items.map(urlOf), ...(page.nextToken && { NextToken: page.nextToken }) };
    },
    GetQueueUrl: ({ QueueName }) => {
      const arn = arnOf(QueueName);
      queues.messages(arn);
      return { QueueUrl: urlOf(arn) };
    },
    GetQueueAttributes: ({ QueueUrl, AttributeNames = [] }) => {
      const arn = arnOf(QueueUrl);
      const all = { ...queues.attributes(arn), QueueArn: arn };
      const wanted = (name: string): boolean => AttributeNames.some((each) => each === "All" || each === name);
      return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name))) };
    },
    SetQueueAttributes: ({ QueueUrl, Attributes = {} }) => {
      queues.attributes(arnOf(QueueUrl));
      queues.create(arnOf(QueueUrl), definedIn(Attributes));
      return {};
    },
    ...messageHandlers(queues, arnOf),
    ListQueueTags: ({ QueueUrl }) => {
      queues.messages(arnOf(QueueUrl));
      return { Tags: {} };
    },
    // Rules and functions send to dead-letter queues here; no queue does.
    ListDeadLetterSourceQueues: ({ QueueUrl }) => {
      queues.messages(arnOf(QueueUrl));
      return { queueUrls: [] };
    },
  };
}

function messageHandlers(queues: Queues, arnOf: (url: string | undefined) => string): Handlers<typeof sdk> {
  return {
    SendMessage: ({ QueueUrl, MessageBody = "", MessageAttributes = {} }) => {
      const attributes = Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = "" }]) => [name, StringValue]),
      );
      const { messageId } = queues.send(arnOf(QueueUrl), MessageBody, attributes);
      return { MessageId: messageId, MD5OfMessageBody: md5(MessageBody) };
    },
    ReceiveMessage: (input) => receive(queues, arnOf(input.QueueUrl), input),
    DeleteMessage: ({ QueueUrl, ReceiptHandle = "" }) => {
      queues.delete(arnOf(QueueUrl), ReceiptHandle);
      return {};
    },
    ChangeMessageVisibility: ({ QueueUrl, ReceiptHandle = "", VisibilityTimeout = 0 }) => {
      queues.setVisibility(arnOf(QueueUrl), ReceiptHandle, VisibilityTimeout);
      return {};
    },
    PurgeQueue: ({ QueueUrl }) => {
      queues.purge(arnOf(QueueUrl));
      return {};
    },
  };
}

const MAX_RECEIVED = 10;

/** Does not wait for messages that are not there yet, which long polling allows. */
function receive(
  queues: Queues,
  arn: string,
  input: InputOf<typeof sdk, "ReceiveMessage">,
): OutputOf<typeof sdk, "ReceiveMessage"> {
  const { MaxNumberOfMessages: limit = 1, VisibilityTimeout, MessageAttributeNames = [] } = input;
  if (limit < 1 || limit > MAX_RECEIVED)
    throw new AwsError(
      "InvalidParameterValue",
      `Value ${limit} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
    );
  const system = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  const messages = queues.receive(arn, limit, VisibilityTimeout).map((message) => {
    const { messageId, body, attributes, sentAt, receipts, firstReceivedAt, receiptHandle } = message;
    const all = {
      SentTimestamp: String(sentAt),
      ApproximateReceiveCount: String(receipts),
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    };
    const shown = Object.entries(all).filter(([name]) => system.some((each) => each === "All" || each === name));
    const given = Object.entries(attributes).filter(([name]) =>
      MessageAttributeNames.some((each) => each === "All" || each === ".*" || each === name),
    );
    return {
      ...{ MessageId: messageId, ReceiptHandle: receiptHandle, MD5OfBody: md5(body), Body: body },
      ...(shown.length > 0 && { Attributes: Object.fromEntries(shown) }),
      ...(given.length > 0 && {
        MessageAttributes: Object.fromEntries(
          given.map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
        ),
      }),
    };
  });
  return messages.length > 0 ? { Messages: messages } : {};
}

function definedIn(attributes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function nameOf(arn: string): string {
  return arn.split(":").at(-1) ?? arn;
}
