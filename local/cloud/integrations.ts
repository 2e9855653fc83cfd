import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { CloudContext } from "../context/context.ts";
import { callService } from "../context/service-call.ts";
import type { EventBridgeService } from "../eventbridge/event-bridge.ts";
import type { Authorizer } from "../iam/authorization/authorizer.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { Integrations } from "../stepfunctions/step-functions.ts";
import { checkConstraints } from "../wire/constraints.ts";
import { AwsError, type CallContext, type CallInterceptor, ConnectionLost } from "../wire/contract.ts";
import { checkRequiredMembers } from "../wire/required-members.ts";
import type { Service } from "../wire/service.ts";

export interface IntegrationServices {
  readonly context: CloudContext;
  readonly lambda: LambdaService;
  readonly events: EventBridgeService;
  /** Services by the SDK's service id in lower case. Filled once all exist, since state machines are among them. */
  readonly wire: ReadonlyMap<string, Service>;
  readonly authorizer: Authorizer;
  /** Throws the service's refusal if the principal may not make the call. */
  readonly authorize: (call: CallContext, input: unknown) => void | Promise<void>;
  /** Stands around every call of an SDK operation, as it does on the wire. */
  readonly intercept: CallInterceptor;
}

const FunctionError = z.object({
  errorType: z.string().optional(),
  errorMessage: z.string().optional(),
  trace: z.array(z.string()).optional(),
});

/**
 * How state machines reach functions, buses and the SDK's operations: under their own role, by the same checks as the
 * wire.
 */
export function createIntegrations(services: IntegrationServices): Integrations {
  const { context, lambda, events, authorizer } = services;
  const caller = (service: string, operation: string, roleArn: string): CallContext => {
    const role = roleArn.split("/").at(-1) ?? roleArn;
    const arn = `arn:aws:sts::${context.accountId}:assumed-role/${role}/states`;
    return { requestId: randomUUID(), service, operation, region: context.region, principal: { arn, roleArn } };
  };
  return {
    async invokeLambda(functionName, payload, { roleArn, signal, onWait }) {
      authorizer.require({ roleArn, action: "lambda:InvokeFunction", resource: lambda.arn(functionName) });
      const { promise: started, resolve: onStart } = Promise.withResolvers<void>();
      onWait?.(started);
      const result = await lambda.invoke(functionName, JSON.stringify(payload ?? {}), { signal, onStart });
      const answer: unknown = JSON.parse(result.payload);
      return result.functionError ? { functionError: FunctionError.parse(answer) } : { payload: answer };
    },
    async awsSdk(serviceId, action, args, { roleArn }) {
      const service = services.wire.get(serviceId);
      const name = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
      const operation = service?.operations.get(name);
      const handler = service?.handlerOf(name);
      if (!service || !operation || !handler)
        throw new AwsError("UnknownOperationException", `${serviceId}:${action} is not emulated by the local cloud.`);
      checkRequiredMembers(service, operation.input, args);
      checkConstraints(service, name, args);
      const call = caller(service.signingName, name, roleArn);
      await services.authorize(call, args);
      return await services.intercept(call, args, async () => handler(args, call)).catch(asSdkError);
    },
    async putEvents(entries, { roleArn }) {
      const input = { Entries: entries.map((entry) => ({ ...entry, Resources: [...(entry.Resources ?? [])] })) };
      const call = caller("events", "PutEvents", roleArn);
      await services.authorize(call, input);
      const answer = await callService(events.handlers, "PutEvents", input, call);
      const results = (answer.Entries ?? []).map(({ EventId, ErrorCode, ErrorMessage }) => ({
        ...(EventId && { EventId }),
        ...(ErrorCode && { ErrorCode }),
        ...(ErrorMessage && { ErrorMessage }),
      }));
      return { FailedEntryCount: answer.FailedEntryCount ?? 0, Entries: results };
    },
    authorize: (action, resource, roleArn) => authorizer.require({ roleArn, action, resource }),
  };
}

/** Step Functions calls through an SDK too, which gives a broken connection this name. */
function asSdkError(error: unknown): never {
  if (!(error instanceof ConnectionLost)) throw error;
  throw new AwsError("SdkClientException", "Unable to execute HTTP request: Connection reset", { status: 500 });
}
