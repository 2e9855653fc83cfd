import type { CloudContext } from "../context/context.ts";
import { createHttpApi, type HttpApiOptions } from "../httpapi/http-api.ts";
import { ApiBuilder } from "../template/api-builder.ts";
import type { LoadedTemplate } from "../template/load-template.ts";
import { provisionStack } from "../template/provision-stack.ts";
import { stackId } from "../template/resolver.ts";
import type { CloudServices } from "./services.ts";

/** API Gateway names its streams by hashes. */
const ACCESS_STREAM = "5b1c2d9f4e3a7086";
/** So many lines of the access log are remembered. */
const ACCESS_LINES = 1_000;

/** Creates the template's resources, and the API that they make up. */
export async function runStack(
  template: LoadedTemplate,
  context: CloudContext,
  services: CloudServices,
  apiEndpoint: string,
  parameters: Readonly<Record<string, string>>,
) {
  const apis = new ApiBuilder(apiEndpoint);
  const resources = await provisionStack(template, { ...services, context, apis }, parameters);
  const configuration = apis.build();
  const createdAt = context.clock.now();
  const described = apis.describe(createdAt);
  if (described) services.apis.current = described;
  const { stackName: name } = template;
  const id = stackId(context, name);
  services.stacks.put({ name, id, createdAt, loaded: template, running: resources, parameters });
  const { lambda, authorizer } = services;
  const mayInvoke: HttpApiOptions["mayInvoke"] = ({ arn, roleArn }, resource) =>
    authorizer.isAllowed({ arn, roleArn, action: "execute-api:Invoke", resource });
  const accessLog: string[] = [];
  const { group = "" } = configuration?.accessLog ?? {};
  const onAccess = (line: string): void => {
    accessLog.push(line);
    if (accessLog.length > ACCESS_LINES) accessLog.shift();
    services.logs.write(group, ACCESS_STREAM, line);
  };
  const onAnswer: HttpApiOptions["onAnswer"] = (answer) =>
    services.cloudWatch.aws.answered(configuration?.apiId ?? "", answer);
  const api = configuration && createHttpApi(context, configuration, { lambda, mayInvoke, onAccess, onAnswer });
  return { resources, api, accessLog };
}
