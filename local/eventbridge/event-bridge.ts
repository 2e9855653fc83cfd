import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Target } from "@aws-sdk/client-eventbridge";
import type { CloudContext, CloudEvent } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import type { PolicyDocument, Statement } from "../iam/policy.ts";
import type { Queues } from "../sqs/queues.ts";
import type { Handlers } from "../wire/contract.ts";
import { type DeliverToTarget, type DeliveryOptions, deliverWithRetries } from "./delivery.ts";
import { type BusEvent, eventTime } from "./event.ts";
import { createHandlers } from "./handlers.ts";
import { DEFAULT_BUS, type Rule, RuleStore } from "./rules.ts";
import { Scheduler } from "./scheduler.ts";
import { targetInput } from "./target-input.ts";

/** How an event misbehaves on its way: AWS promises neither that it comes, nor once, nor soon. */
export interface EventFault {
  readonly drop?: boolean;
  /** Deliveries to each target instead of one. */
  readonly copies?: number;
  readonly delayMs?: number;
  /** Milliseconds between one copy and the next. */
  readonly copyGapMs?: number;
}

export interface EventBridgeOptions {
  readonly deliver: DeliverToTarget;
  readonly queues: Queues;
  /** 1 is real time, 60 makes a schedule's hour a minute, 0 switches schedules off. */
  readonly scheduleSpeed?: number;
  /** The first wait between attempts to deliver, in milliseconds; EventBridge's own waits grow to many minutes. */
  readonly firstRetryDelayMs?: number;
  /** Puts an event on a bus of another account or Region; throws `AccessDeniedException`. */
  readonly putElsewhere?: PutElsewhere;
  /** From the bus to a target, in milliseconds; none if not given. */
  readonly deliveryMs?: number;
}

/** When an event happened, and where: an event of another account keeps that account. */
export interface EventOrigin {
  readonly time?: Date | undefined;
  readonly account?: string;
  readonly region?: string;
}

export type PutElsewhere = (busArn: string, event: CloudEvent, principal: Principal, from: EventOrigin) => void;

/** An event that was put on a bus, and the rules that it matched. */
export interface RecentEvent {
  readonly busName: string;
  readonly event: BusEvent;
  readonly ruleNames: readonly string[];
}

/** EventBridge: buses, rules, schedules, and delivery to targets with retries and dead-letter queues. */
export interface EventBridgeService {
  readonly handlers: Handlers<typeof sdk>;
  /** Creates a custom bus, if it is not there yet, and returns its ARN. */
  createBus(name: string): string;
  busArn(name: string): string;
  /** Adds a statement to the policy of a bus, by name or ARN. Throws `ResourceNotFoundException`. */
  putStatement(bus: string, id: string, statement: Statement): void;
  /** The policy of a bus, by name or ARN. */
  policyOf(bus: string): PolicyDocument | undefined;
  /** Puts an event of an AWS service on the default bus. Never throws, never waits. */
  publish(event: CloudEvent): void;
  /** Puts an event on any bus (by name or ARN) and returns its id. Throws `ResourceNotFoundException`. */
  put(busName: string, event: CloudEvent, from?: EventOrigin): string;
  /** The last thousand events, oldest first. */
  recent(): readonly RecentEvent[];
  /** Decides, once for each event that some rule matches, how it misbehaves. `undefined` ends the faults. */
  setFaults(faults: ((event: BusEvent) => EventFault | undefined) | undefined): void;
  close(): void;
}

/** What the handlers work on. */
export interface EventBridgeState {
  readonly rules: RuleStore;
  readonly scheduler: Scheduler;
  readonly context: CloudContext;
  readonly service: Pick<EventBridgeService, "put" | "busArn" | "createBus"> & {
    readonly putElsewhere: PutElsewhere | undefined;
  };
}

const KEPT_EVENTS = 1000;

export function createEventBridge(context: CloudContext, options: EventBridgeOptions): EventBridgeService {
  const rules = new RuleStore();
  const recent: RecentEvent[] = [];
  const stop = new AbortController();
  let faults: Parameters<EventBridgeService["setFaults"]>[0];
  const send = senderOf(context, options, stop.signal);

  const scheduler = new Scheduler({
    clock: context.clock,
    speed: options.scheduleSpeed ?? 1,
    fire: (rule, dueAt) => {
      // A schedule goes to its own rule only; patterns do not see it, unless someone routes it on.
      const tick = { source: "aws.events", detailType: "Scheduled Event", resources: [rule.arn], detail: {} };
      const event = envelope(context, tick, new Date(dueAt));
      remember(recent, { busName: DEFAULT_BUS, event, ruleNames: [rule.name] });
      send(rules.find(rule.name, rule.busName) ?? rule, event, faults?.(event));
    },
  });

  const put: EventBridgeService["put"] = (bus, cloudEvent, from = {}) => {
    const event = envelope({ ...context, ...from }, cloudEvent, from.time ?? new Date(context.clock.now()));
    const view = { ...event };
    const matching = rules.rulesOf(bus).filter((rule) => rule.state !== "DISABLED" && rule.matches?.(view));
    remember(recent, { busName: bus, event, ruleNames: matching.map(({ name }) => name) });
    const fault = matching.length > 0 ? faults?.(event) : undefined;
    for (const rule of matching) send(rule, event, fault);
    return event.id;
  };

  const busArn = (name: string): string => `arn:aws:events:${context.region}:${context.accountId}:event-bus/${name}`;
  const createBus = (name: string): string => {
    rules.createBus(name);
    return busArn(name);
  };
  return {
    handlers: createHandlers({
      rules,
      scheduler,
      context,
      service: { put, busArn, createBus, putElsewhere: options.putElsewhere },
    }),
    createBus,
    busArn,
    putStatement: (bus, id, statement) => rules.putStatement(bus, id, statement),
    policyOf: (bus) => rules.policyOf(bus),
    publish: (event) => void put(DEFAULT_BUS, event),
    put,
    recent: () => recent,
    setFaults(decide) {
      faults = decide;
    },
    close() {
      stop.abort();
      scheduler.close();
    },
  };
}

/** Sends an event to each target of a rule, as often and as late as the fault says. */
function senderOf(context: CloudContext, options: EventBridgeOptions, signal: AbortSignal) {
  const delivery: DeliveryOptions = {
    clock: context.clock,
    deliver: options.deliver,
    sendToQueue: (arn, body, attributes) => options.queues.send(arn, body, attributes),
    firstDelayMs: options.firstRetryDelayMs ?? 100,
    log: context.log,
  };
  const deliverLater = async (rule: Rule, target: Target, event: BusEvent, delayMs: number): Promise<void> => {
    const { Arn: targetArn = "", RoleArn: roleArn } = target;
    await context.clock.sleep(delayMs, signal);
    const input = targetInput(target, event, rule);
    await deliverWithRetries(delivery, target, { targetArn, roleArn, ruleArn: rule.arn, input }, signal);
  };
  return (rule: Rule, event: BusEvent, { drop, copies = 1, delayMs = 0, copyGapMs = 0 }: EventFault = {}): void => {
    if (drop) return;
    for (const target of rule.targets.values())
      for (let copy = 0; copy < copies; copy += 1)
        deliverLater(rule, target, event, (options.deliveryMs ?? 0) + delayMs + copy * copyGapMs).catch(
          (error: unknown) => {
            if (!signal.aborted) context.log(`events: ${rule.name}: ${String(error)}`);
          },
        );
  };
}

function envelope(
  { region, accountId, account = accountId }: CloudContext & EventOrigin,
  event: CloudEvent,
  time: Date,
): BusEvent {
  // A copy through JSON: what is on the bus no longer changes with the service that put it there.
  const detail = JSON.parse(JSON.stringify(event.detail));
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": event.detailType,
    source: event.source,
    account,
    time: eventTime(time.getTime()),
    region,
    resources: [...event.resources],
    detail,
  };
}

function remember(recent: RecentEvent[], event: RecentEvent): void {
  recent.push(event);
  if (recent.length > KEPT_EVENTS) recent.shift();
}
