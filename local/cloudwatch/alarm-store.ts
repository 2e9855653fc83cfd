import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";
import { type AlarmSettings, type AlarmState, type Evaluation, evaluateAlarm } from "./alarms.ts";
import type { MetricStore } from "./metric-store.ts";

export interface Alarm {
  readonly arn: string;
  settings: AlarmSettings;
  readonly createdAt: number;
  configuredAt: number;
  state: AlarmState;
  reason: string;
  reasonData: string | undefined;
  stateUpdatedAt: number;
  changedAt: number;
  actionsEnabled: boolean;
  readonly tags: Map<string, string>;
}

export interface HistoryItem {
  readonly alarm: string;
  readonly time: number;
  readonly type: "StateUpdate" | "ConfigurationUpdate" | "Action";
  readonly summary: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Kept of all alarms together. */
const MAX_HISTORY = 1_000;

/** The alarms of one local cloud, and what became of them. */
export class AlarmStore {
  readonly #context: CloudContext;
  readonly #metrics: MetricStore;
  readonly #notify: (action: string, alarm: Alarm) => void;
  readonly #alarms = new Map<string, Alarm>();
  readonly history: HistoryItem[] = [];

  /** `notify` is called with each action of an alarm that changed its state: the ARN of a topic. */
  constructor(context: CloudContext, metrics: MetricStore, notify: (action: string, alarm: Alarm) => void) {
    this.#context = context;
    this.#metrics = metrics;
    this.#notify = notify;
  }

  put(settings: AlarmSettings): Alarm {
    const { region, accountId, clock } = this.#context;
    const now = clock.now();
    const existing = this.#alarms.get(settings.name);
    const alarm: Alarm = existing ?? {
      arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${settings.name}`,
      ...{ settings, createdAt: now, configuredAt: now, stateUpdatedAt: now, changedAt: now, actionsEnabled: true },
      ...{ state: "INSUFFICIENT_DATA", reason: "Unchecked: Initial alarm creation", reasonData: undefined },
      tags: new Map(),
    };
    Object.assign(alarm, { settings, configuredAt: now });
    this.#alarms.set(settings.name, alarm);
    const summary = `Alarm "${settings.name}" ${existing ? "updated" : "created"}`;
    this.#note({ alarm: settings.name, time: now, type: "ConfigurationUpdate", summary, data: { type: "Create" } });
    return alarm;
  }

  delete(name: string): void {
    this.get(name);
    this.#alarms.delete(name);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  get(name: string): Alarm {
    const alarm = this.#alarms.get(name);
    if (!alarm) throw new AwsError("ResourceNotFoundException", `Unknown alarm ${name}`, { status: 404 });
    return alarm;
  }

  find(name: string): Alarm | undefined {
    return this.#alarms.get(name);
  }

  /** By name. */
  list(): readonly Alarm[] {
    return [...this.#alarms.values()].sort((one, other) => (one.settings.name < other.settings.name ? -1 : 1));
  }

  /** Looks at all alarms, as CloudWatch does each minute. */
  evaluate(): void {
    for (const alarm of this.#alarms.values()) {
      const evaluation = evaluateAlarm(alarm.settings, this.#metrics, this.#context.clock.now());
      if (evaluation) this.setState(alarm, evaluation);
    }
  }

  /** What an evaluation found, or a person sets until the next one. */
  setState(alarm: Alarm, { state, reason, data }: Evaluation): void {
    const before = { stateValue: alarm.state, stateReason: alarm.reason };
    const changed = alarm.state !== state;
    const now = this.#context.clock.now();
    if (!changed && alarm.reason === reason) return;
    Object.assign(alarm, { state, reason, reasonData: JSON.stringify(data), stateUpdatedAt: now });
    if (!changed) return;
    alarm.changedAt = now;
    const { name } = alarm.settings;
    const after = { stateValue: state, stateReason: reason, stateReasonData: data };
    const summary = `Alarm updated from ${before.stateValue} to ${state}`;
    const history = { version: "1.0", oldState: before, newState: after };
    this.#note({ alarm: name, time: now, type: "StateUpdate", summary, data: history });
    this.#publish(alarm, before, after);
    this.#act(alarm, now);
  }

  #act(alarm: Alarm, now: number): void {
    const { name, alarmActions, okActions, insufficientDataActions } = alarm.settings;
    const byState = { ALARM: alarmActions, OK: okActions, INSUFFICIENT_DATA: insufficientDataActions };
    if (!alarm.actionsEnabled) return;
    for (const action of byState[alarm.state]) {
      this.#notify(action, alarm);
      const data = { actionState: "Succeeded", notificationResource: action };
      this.#note({ alarm: name, time: now, type: "Action", summary: `Successfully executed action ${action}`, data });
    }
  }

  /** CloudWatch user guide, "Alarm events and EventBridge". */
  #publish(alarm: Alarm, before: object, after: object): void {
    const { name, description } = alarm.settings;
    this.#context.publish({
      source: "aws.cloudwatch",
      detailType: "CloudWatch Alarm State Change",
      resources: [alarm.arn],
      detail: { alarmName: name, state: after, previousState: before, configuration: { description } },
    });
  }

  #note(item: HistoryItem): void {
    this.history.push(item);
    if (this.history.length > MAX_HISTORY) this.history.shift();
  }
}
