import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

const TopicProperties = z.object({ TopicName: z.string().optional(), DisplayName: z.string().optional() });

/** `AWS::SNS::Topic` */
export const provisionTopic: Provision = (request, { topics, context }) => {
  const { TopicName: name = request.name(256), DisplayName } = TopicProperties.parse(request.properties);
  const arn = arnOf(context, "sns", name);
  topics.put(arn, { displayName: DisplayName ?? "" });
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
};

const SubscriptionProperties = z.object({ TopicArn: z.string(), Protocol: z.string(), Endpoint: z.string() });

/** `AWS::SNS::Subscription`: shown, and never confirmed, since nothing here sends mail. */
export const provisionSubscription: Provision = (request, { topics }) => {
  const { TopicArn, Protocol, Endpoint } = SubscriptionProperties.parse(request.properties);
  topics.subscribe(TopicArn, { protocol: Protocol, endpoint: Endpoint });
  return { ref: `${TopicArn}:${request.logicalId}`, attributes: {} };
};

const PolicyProperties = z.object({ Topics: z.array(z.string()), PolicyDocument: z.record(z.string(), z.unknown()) });

/** `AWS::SNS::TopicPolicy`: shown; nobody but the local cloud publishes. */
export const provisionTopicPolicy: Provision = (request, { topics }) => {
  const { Topics, PolicyDocument } = PolicyProperties.parse(request.properties);
  for (const arn of Topics) topics.put(arn, { policy: JSON.stringify(PolicyDocument) });
  return { ref: request.name(), attributes: {} };
};
