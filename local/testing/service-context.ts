import type { Clock } from "../context/clock.ts";
import type { CloudContext, CloudEvent } from "../context/context.ts";
import { CredentialStore } from "../context/credentials.ts";
import { type Caller, callService } from "../context/service-call.ts";
import type { Handlers, InputOf, OperationName, OutputOf } from "../wire/contract.ts";

export interface RecordingContext extends CloudContext {
  readonly events: CloudEvent[];
  readonly lines: string[];
}

/** A context for one emulated service alone: it keeps what the service published and logged. Ids count up. */
export function recordingContext(clock: Clock): RecordingContext {
  const events: CloudEvent[] = [];
  const lines: string[] = [];
  let last = 0;
  return {
    region: "us-west-2",
    accountId: "111122223333",
    clock,
    credentials: new CredentialStore("111122223333"),
    events,
    lines,
    publish: (event) => void events.push(event),
    id: (prefix) => {
      last += 1;
      return `${prefix}-${last.toString(16).padStart(17, "0")}`;
    },
    log: (line) => void lines.push(line),
  };
}

/** A service's operations as its operator would call them: `aws("CreateRole", {…})`. */
export function client<M>(handlers: Handlers<M>) {
  const caller: Caller = {
    service: "test",
    region: "us-west-2",
    principal: { arn: "arn:aws:iam::111122223333:user/holdfast" },
  };
  return <N extends OperationName<M>>(operation: N & string, input: InputOf<M, N>): Promise<OutputOf<M, N>> =>
    callService(handlers, operation, input, caller);
}
