import { AwsError } from "../wire/contract.ts";

/** Whether an event's message matches. */
export type LogFilter = (message: string) => boolean;

export function invalidPattern(reason: string): AwsError {
  return new AwsError("InvalidParameterException", `Invalid filter pattern: ${reason}`);
}

/** The regular expression between per cent signs. @throws AwsError `InvalidParameterException` */
export function compile(expression: string): RegExp {
  try {
    return new RegExp(expression, "u");
  } catch {
    throw invalidPattern(`the regular expression "${expression}" is not valid`);
  }
}
