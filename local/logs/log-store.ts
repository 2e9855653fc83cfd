import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";

export interface LogEvent {
  readonly sequence: number;
  readonly stream: string;
  /** Epoch milliseconds, as is `ingestedAt`. */
  readonly time: number;
  readonly ingestedAt: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  firstEventAt?: number;
  lastEventAt?: number;
  lastIngestedAt?: number;
}

export interface LogGroup {
  readonly name: string;
  readonly createdAt: number;
  retentionDays?: number | undefined;
  readonly tags: Map<string, string>;
  readonly streams: Map<string, LogStream>;
  /** In order of arrival. */
  readonly events: LogEvent[];
  storedBytes: number;
}

/** What is kept of one group; older events are dropped. */
const MAX_GROUP_BYTES = 2 * 1_024 * 1_024;
const MAX_STREAMS = 500;
/** What CloudWatch Logs counts for each event beside its message. */
const EVENT_OVERHEAD_BYTES = 26;
const DAY_MS = 86_400_000;

/** Log groups with their streams and events, in memory. */
export class LogStore {
  readonly #groups = new Map<string, LogGroup>();
  readonly #listeners: ((group: LogGroup, event: LogEvent) => void)[] = [];
  readonly #now: () => number;
  #sequence = 0;

  constructor(context: Pick<CloudContext, "clock">) {
    this.#now = context.clock.now;
  }

  /** Creates a group, or changes how long one is kept, as a deployment would. */
  putGroup(name: string, settings: { readonly retentionDays?: number | undefined } = {}): LogGroup {
    const group: LogGroup = this.#groups.get(name) ?? {
      ...{ name, createdAt: this.#now(), storedBytes: 0, events: [] },
      tags: new Map(),
      streams: new Map(),
    };
    this.#groups.set(name, group);
    if (settings.retentionDays !== undefined) group.retentionDays = settings.retentionDays;
    return group;
  }

  deleteGroup(name: string): void {
    this.#groups.delete(name);
  }

  find(name: string): LogGroup | undefined {
    return this.#groups.get(name);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  get(name: string): LogGroup {
    const group = this.#groups.get(name);
    if (!group) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    return group;
  }

  /** By name. */
  list(): readonly LogGroup[] {
    return [...this.#groups.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  putStream(group: LogGroup, name: string): LogStream {
    const stream = group.streams.get(name) ?? { name, createdAt: this.#now() };
    group.streams.set(name, stream);
    const [oldest] = group.streams.keys();
    if (group.streams.size > MAX_STREAMS && oldest !== undefined) group.streams.delete(oldest);
    return stream;
  }

  /** Writes a line; group and stream come into being with their first. */
  write(groupName: string, streamName: string, message: string, time = this.#now()): void {
    const group = this.putGroup(groupName);
    const stream = this.putStream(group, streamName);
    this.#sequence += 1;
    const event = { sequence: this.#sequence, stream: streamName, time, ingestedAt: this.#now(), message };
    stream.firstEventAt = Math.min(stream.firstEventAt ?? time, time);
    stream.lastEventAt = Math.max(stream.lastEventAt ?? time, time);
    stream.lastIngestedAt = event.ingestedAt;
    group.events.push(event);
    group.storedBytes += sizeOf(event);
    while (group.storedBytes > MAX_GROUP_BYTES) drop(group);
    for (const listener of this.#listeners) listener(group, event);
  }

  /** Calls back for each further event. */
  onEvent(listener: (group: LogGroup, event: LogEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** What the group still has by its retention, in the order of time. */
  events(group: LogGroup): LogEvent[] {
    const oldest = group.retentionDays === undefined ? 0 : this.#now() - group.retentionDays * DAY_MS;
    while ((group.events[0]?.time ?? oldest) < oldest) drop(group);
    return group.events.toSorted((one, other) => one.time - other.time || one.sequence - other.sequence);
  }
}

function drop(group: LogGroup): void {
  const event = group.events.shift();
  if (event) group.storedBytes -= sizeOf(event);
}

function sizeOf({ message }: LogEvent): number {
  return Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
}
