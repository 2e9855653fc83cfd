import { setTimeout as delay } from "node:timers/promises";
import { randomFrom } from "../../../local/faults/random.ts";
import type { Operation, RegisterInput, RegisterOutput } from "../linearizability/history.ts";
import type { EtcdEndpoints } from "./endpoints.ts";
import type { EtcdClient } from "./etcd-client.ts";

const TRY_MS = 1_000;
const PAUSE_MS = 4;
/** After an answer that did not come a client leaves a member alone for so long, as clients of etcd do. */
const AVOID_MS = 500;
/** Registers in use at once: few, so that clients meet. */
const REGISTERS = 3;
/** A register is given up after so many operations, or so many without an answer: each of these doubles the search. */
const MAX_OPERATIONS = 120;
const MAX_UNANSWERED = 6;

export const PREFIX = "register/";

interface Register {
  readonly key: string;
  operations: number;
  unanswered: number;
  /** What was seen there last: a swap from anything else would rarely succeed. */
  seen: string | null;
}

/** Clients that read, write and swap registers until they are stopped. */
export interface Clients extends AsyncDisposable {
  readonly history: readonly Operation[];
  stop(): Promise<void>;
}

/** `count` clients, each with a connection of its own to every member. Their choices come from `seed`. */
export function startClients(endpoints: EtcdEndpoints, count: number, seed: number): Clients {
  const history: Operation[] = [];
  let made = 0;
  const fresh = (): Register => ({ key: `${PREFIX}${++made}`, operations: 0, unanswered: 0, seen: null });
  const registers = Array.from({ length: REGISTERS }, fresh);
  let stopped = false;

  const run = async (client: number): Promise<void> => {
    const random = randomFrom(seed * 1_000 + client);
    const members = endpoints.members.map((member) => ({ etcd: endpoints.connect(member), avoidUntil: 0 }));
    for (let number = 1; !stopped; number++) {
      const slot = Math.floor(random() * REGISTERS);
      const register = registers[slot];
      const input = choose(random(), `${client}.${number}`, register?.seen ?? null);
      const open = members.filter(({ avoidUntil }) => avoidUntil < Date.now());
      const member = open[Math.floor(random() * open.length)];
      if (register !== undefined && member !== undefined) {
        const invokedAt = performance.now();
        const output = await perform(member.etcd, register.key, input);
        const completed = output === undefined ? {} : { completed: { at: performance.now(), output } };
        history.push({ client, key: register.key, input, invokedAt, ...completed });
        if (output === undefined) member.avoidUntil = Date.now() + AVOID_MS;
        note(register, input, output);
        if (isUsedUp(register) && registers[slot] === register) registers[slot] = fresh();
      }
      await delay(PAUSE_MS);
    }
    for (const { etcd } of members) etcd.close();
  };
  const running = Promise.all(Array.from({ length: count }, (_, client) => run(client)));
  const stop = async (): Promise<void> => {
    stopped = true;
    await running;
  };
  return { history, stop, [Symbol.asyncDispose]: stop };
}

/** Values are never written twice, so that a read says which write it saw. */
function choose(chance: number, value: string, expected: string | null): RegisterInput {
  if (chance < 0.45) return { kind: "read" };
  return chance < 0.75 ? { kind: "write", value } : { kind: "cas", expected, value };
}

/** Undefined without an answer: then it may have happened, or may yet. */
export async function perform(
  etcd: EtcdClient,
  key: string,
  input: RegisterInput,
): Promise<RegisterOutput | undefined> {
  try {
    switch (input.kind) {
      case "read":
        return { kind: "read", value: (await etcd.get(key, TRY_MS)).value };
      case "write":
        await etcd.put(key, input.value, TRY_MS);
        return { kind: "write" };
      case "cas":
        return { kind: "cas", swapped: (await etcd.cas(key, input.expected, input.value, TRY_MS)).swapped };
    }
  } catch {
    return undefined;
  }
}

function note(register: Register, input: RegisterInput, output: RegisterOutput | undefined): void {
  register.operations++;
  if (output === undefined && input.kind !== "read") register.unanswered++;
  if (output?.kind === "read") register.seen = output.value;
  else if (input.kind !== "read" && (output?.kind === "write" || (output?.kind === "cas" && output.swapped)))
    register.seen = input.value;
}

function isUsedUp({ operations, unanswered }: Register): boolean {
  return operations >= MAX_OPERATIONS || unanswered >= MAX_UNANSWERED;
}
