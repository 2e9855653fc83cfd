import { AwsError } from "../../wire/contract.ts";

/** Operations that check a request as a whole before they answer that it would have succeeded. */
const CHECKED = new Set<string | symbol>(["RunInstances"]);

/**
 * Answers calls with `DryRun` before their handlers run, so that none can change anything. EC2 looks at permissions
 * first, which is the wire's business here. @throws AwsError `DryRunOperation`
 */
export function withDryRun<H extends object>(handlers: H): H {
  return new Proxy(handlers, {
    get(target, name) {
      const handler: unknown = Reflect.get(target, name);
      if (typeof handler !== "function" || CHECKED.has(name)) return handler;
      return (input: unknown, call: unknown): unknown => {
        if (isDryRun(input)) throw dryRunAnswer();
        return handler(input, call);
      };
    },
  });
}

/** With EC2's odd status 412. */
export function dryRunAnswer(): AwsError {
  return new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", { status: 412 });
}

function isDryRun(input: unknown): boolean {
  return typeof input === "object" && input !== null && "DryRun" in input && input.DryRun === true;
}
