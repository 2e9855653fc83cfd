import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String).optional();
const Properties = z.object({
  QueueName: z.string().optional(),
  VisibilityTimeout: Text,
  MessageRetentionPeriod: Text,
  SqsManagedSseEnabled: Text,
});

/** `AWS::SQS::Queue`: takes what nobody could deliver. */
export const provisionQueue: Provision = (request, { queues, context }) => {
  const { QueueName = request.name(80), ...settings } = Properties.parse(request.properties);
  const Arn = arnOf(context, "sqs", QueueName);
  const given = Object.entries(settings).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  queues.create(Arn, Object.fromEntries(given));
  const QueueUrl = `https://sqs.${context.region}.amazonaws.com/${context.accountId}/${QueueName}`;
  return { ref: QueueUrl, attributes: { Arn, QueueName, QueueUrl } };
};

const PolicyProperties = z.object({ Queues: z.array(z.string()), PolicyDocument: z.record(z.string(), z.unknown()) });

/** `AWS::SQS::QueuePolicy`: shown; the local cloud itself is who sends. */
export const provisionQueuePolicy: Provision = (request, { queues, context }) => {
  const { Queues, PolicyDocument } = PolicyProperties.parse(request.properties);
  for (const url of Queues)
    queues.create(arnOf(context, "sqs", url.split("/").at(-1) ?? url), { Policy: JSON.stringify(PolicyDocument) });
  return { ref: request.name(), attributes: {} };
};
