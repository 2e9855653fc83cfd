import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import type { FunctionConfiguration } from "./contract.ts";

/**
 * The whole environment of a function's process: what the template says, and what Lambda itself defines
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). Of this machine's environment only `PATH`.
 * `principal` is who calls with the keys in it: each environment has keys of its own.
 */
export function environmentOf(
  configuration: FunctionConfiguration,
  context: Pick<CloudContext, "region" | "credentials">,
  endpoints: { readonly aws: string },
): { readonly variables: Record<string, string>; readonly principal: Principal } {
  const credentials = context.credentials.assumeRole(configuration.roleArn, configuration.name);
  const variables = {
    ...configuration.environment,
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    TZ: "UTC",
    LANG: "en_US.UTF-8",
    AWS_REGION: context.region,
    AWS_DEFAULT_REGION: context.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL: endpoints.aws,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroup,
    LAMBDA_TASK_ROOT: configuration.directory,
    _HANDLER: configuration.handler,
  };
  return { variables, principal: credentials.principal };
}
