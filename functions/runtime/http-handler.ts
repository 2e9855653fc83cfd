import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { logger } from "./logger.ts";
import { problemResponse, type Reply, toResponse } from "./problems.ts";

/** A route of the HTTP API. Whatever `run` throws becomes an RFC 9457 problem document, never a stack. */
export const httpHandler = (run: (event: APIGatewayProxyEventV2) => Promise<Reply>) =>
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (event: APIGatewayProxyEventV2) => {
      try {
        return toResponse(await run(event), event.requestContext.requestId);
      } catch (error) {
        return problemResponse(error, event.requestContext.requestId);
      }
    });
