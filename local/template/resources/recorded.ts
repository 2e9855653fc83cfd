import * as z from "zod";
import type { CloudContext } from "../../context/context.ts";
import type { ProvisionedResource } from "../resolver.ts";
import { arnOf, type Provision, type ResourceRequest } from "../resource-type.ts";

function named(request: ResourceRequest, member: string): string | undefined {
  return z.string().optional().parse(z.record(z.string(), z.unknown()).parse(request.properties)[member]);
}

/** Resources that other resources refer to, but of which nothing happens on this machine. */
function recorded(describe: (request: ResourceRequest, context: CloudContext) => ProvisionedResource): Provision {
  return (request, { context }) => describe(request, context);
}

/** Has no attributes and does nothing. */
export const provisionNothing = recorded((request) => ({ ref: request.name(), attributes: {} }));

/** `AWS::Logs::LogGroup`: lines of functions are kept by the local Lambda itself. */
export const recordLogGroup = recorded((request, context) => {
  const name = named(request, "LogGroupName") ?? request.name(512);
  return { ref: name, attributes: { Arn: arnOf(context, "logs", `log-group:${name}:*`) } };
});

/** `AWS::CloudWatch::Alarm`: no metrics are collected, so no alarm rings. */
export const recordAlarm = recorded((request, context) => {
  const name = named(request, "AlarmName") ?? request.name(255);
  return { ref: name, attributes: { Arn: arnOf(context, "cloudwatch", `alarm:${name}`) } };
});

/** `AWS::CloudWatch::Dashboard` */
export const recordDashboard = recorded((request) => ({
  ref: named(request, "DashboardName") ?? request.name(255),
  attributes: {},
}));

/** `AWS::SNS::Topic`: nobody is notified. */
export const recordTopic = recorded((request, context) => {
  const name = named(request, "TopicName") ?? request.name(256);
  const arn = arnOf(context, "sns", name);
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
});
