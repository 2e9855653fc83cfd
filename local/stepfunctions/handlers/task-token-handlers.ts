import type * as sfn from "@aws-sdk/client-sfn";
import { required } from "../../context/input.ts";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { STATE_DATA_LIMIT_BYTES } from "../errors.ts";
import { tryParseJson } from "../json.ts";
import type { TaskTokens } from "../task-tokens.ts";

/** How those to whom a task token was given answer. */
export function taskTokenHandlers(tokens: TaskTokens): Handlers<typeof sfn> {
  return {
    SendTaskSuccess: ({ taskToken, output }) => {
      const text = required(output, "output", "ValidationException");
      const json = tryParseJson(text);
      if (json === undefined || Buffer.byteLength(text) > STATE_DATA_LIMIT_BYTES) {
        throw new AwsError("InvalidOutput", "Invalid Output: not JSON, or too long");
      }
      tokens.succeed(required(taskToken, "taskToken", "ValidationException"), json);
      return {};
    },

    SendTaskFailure: ({ taskToken, error, cause }) => {
      tokens.fail(required(taskToken, "taskToken", "ValidationException"), error ?? "", cause ?? "");
      return {};
    },

    SendTaskHeartbeat: ({ taskToken }) => {
      tokens.heartbeat(required(taskToken, "taskToken", "ValidationException"));
      return {};
    },
  };
}
