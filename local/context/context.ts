import type { Clock } from "./clock.ts";
import type { CredentialStore } from "./credentials.ts";

/** An event as a service of the cloud hands it to EventBridge's default bus; the bus adds id, time, account and region. */
export interface CloudEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What every emulated service is given. One object a local cloud; two local clouds share nothing. */
export interface CloudContext {
  readonly region: string;
  readonly accountId: string;
  /** The organization that the account is in, if any: `o-…`. */
  readonly organizationId?: string | undefined;
  readonly clock: Clock;
  readonly credentials: CredentialStore;
  /** Puts an event on the default bus. Never throws, never waits: delivery is the bus's business. */
  publish(event: CloudEvent): void;
  /** A fresh AWS-like id: `id("vpc")` gives `vpc-0` and 16 hex digits more. */
  id(prefix: string): string;
  /** Diagnostics for the person who runs the local cloud; one line each. */
  log(line: string): void;
}

/** State that survives a restart with `--data DIR`. `snapshot()` must be JSON; the constructor takes what it returned. */
export interface Stateful {
  snapshot(): unknown;
}
