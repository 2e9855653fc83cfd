import { setTimeout as delay } from "node:timers/promises";
import type { EtcdEndpoints } from "./consistency/endpoints.ts";

export interface Acknowledged {
  readonly value: string;
  /** When etcd said so, and at which of its revisions: a restored etcd has skipped a thousand million. */
  readonly at: number;
  readonly revision: bigint;
}

export interface EtcdWriter {
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  stop(): Promise<void>;
}

/**
 * Writes twenty keys a second by one member, and knows which were acknowledged; or twenty times one key that is there,
 * where the number of keys must not change.
 */
export function startWriter(
  endpoints: EtcdEndpoints,
  member: string,
  prefix: string,
  { one = false }: { readonly one?: boolean } = {},
): EtcdWriter {
  const client = endpoints.connect(member);
  const acknowledged = new Map<string, Acknowledged>();
  let stopped = false;
  const write = async (): Promise<void> => {
    for (let number = 1; !stopped; number++) {
      const [key, value] = [`${prefix}/${number}`, `${number}`];
      await client.put(one ? prefix : key, value, 500).then(
        ({ revision }) => acknowledged.set(key, { value, at: Date.now(), revision }),
        () => undefined,
      );
      await delay(50);
    }
  };
  const writing = write();
  return {
    acknowledged,
    stop: async () => {
      stopped = true;
      await writing;
      client.close();
    },
  };
}

/** All that a member has below a prefix. */
export async function valuesOf(endpoints: EtcdEndpoints, member: string, prefix: string): Promise<Map<string, string>> {
  const client = endpoints.connect(member);
  try {
    return await client.getAll(prefix, 10_000);
  } finally {
    client.close();
  }
}
