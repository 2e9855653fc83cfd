import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

/** `AWS::SQS::Queue`: takes what nobody could deliver. */
export const provisionQueue: Provision = (request, { queues, context }) => {
  const { QueueName = request.name(80) } = z.object({ QueueName: z.string().optional() }).parse(request.properties);
  const Arn = arnOf(context, "sqs", QueueName);
  queues.create(Arn);
  const QueueUrl = `https://sqs.${context.region}.amazonaws.com/${context.accountId}/${QueueName}`;
  return { ref: QueueUrl, attributes: { Arn, QueueName, QueueUrl } };
};
