import type { Context } from "aws-lambda";

/** What Lambda gives a handler that has so many milliseconds left. */
export function contextWith(remainingMs: number): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "step",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-west-2:111122223333:function:step",
    memoryLimitInMB: "512",
    awsRequestId: "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    logGroupName: "/aws/lambda/step",
    logStreamName: "2026/11/29/[$LATEST]1",
    getRemainingTimeInMillis: () => remainingMs,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
