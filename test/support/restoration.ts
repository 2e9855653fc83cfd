import type { RestorationRecord } from "../../functions/domain/restore/restore-records.ts";

/** A restore that has begun, from the best survivor; `change` is what is otherwise. */
export function restorationRecord(change: Partial<RestorationRecord> = {}): RestorationRecord {
  return {
    operation: "restore-1",
    from: { kind: "survivor", member: null },
    epoch: 2,
    token: "01kb8q5y00000000000000test.2",
    bump: 1_000_000_000,
    startedAt: "2026-11-29T12:00:00.000Z",
    heldAt: null,
    file: null,
    formerClusterId: null,
    checked: false,
    serving: false,
    ...change,
  };
}
