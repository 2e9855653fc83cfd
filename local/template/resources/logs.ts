import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

const Properties = z.object({ LogGroupName: z.string().optional(), RetentionInDays: z.coerce.number().optional() });

/** `AWS::Logs::LogGroup` */
export const provisionLogGroup: Provision = (request, { logs, context }) => {
  const { LogGroupName: name = request.name(512), RetentionInDays } = Properties.parse(request.properties);
  logs.putGroup(name, { retentionDays: RetentionInDays });
  return { ref: name, attributes: { Arn: arnOf(context, "logs", `log-group:${name}:*`) } };
};
