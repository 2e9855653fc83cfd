import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { NotReadyYet } from "../domain/cluster/errors.ts";
import { logger } from "./logger.ts";
import { problemResponse, type Reply, toResponse } from "./problems.ts";

/** How long before Lambda's time-out, which API Gateway answers with 500, the caller is asked to try again. */
const ANSWER_MS = 500;

/** A route of the HTTP API. Whatever `run` throws becomes an RFC 9457 problem document, never a stack. */
export function httpHandler(run: (event: APIGatewayProxyEventV2) => Promise<Reply>) {
  let answering = "";
  const timeoutEarlyResponse = () => problemResponse(new NotReadyYet("the answer takes too long"), answering);
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
    timeoutEarlyInMillis: ANSWER_MS,
    timeoutEarlyResponse,
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (event: APIGatewayProxyEventV2) => {
      answering = event.requestContext.requestId;
      try {
        return toResponse(await run(event), event.requestContext.requestId);
      } catch (error) {
        return problemResponse(error, event.requestContext.requestId);
      }
    });
}
