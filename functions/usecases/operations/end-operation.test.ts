import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { run } from "../../../test/support/steps/stage.ts";
import type { OperationRecord } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { endOperation, type endOperationCalls } from "./end-operation.ts";

async function remedyOf(kind: OperationRecord["kind"]): Promise<string | undefined> {
  const operation = operationRecord(kind);
  const store = new MemoryStore(clusterRecord({ operation: operation.id }), [memberRecord("a")], [operation]);
  const end = (deps: Deps<typeof endOperationCalls>, each: OperationRecord) =>
    endOperation(deps, each, "its execution is ABORTED", deps.clock.now());
  await run(end, { store, aws: {} }, operation);
  return (await store.getOperation(operation.id)).error?.remedy;
}

test.each([
  ["migrate", `Run the same \`holdfast migrate cluster ${NAME}\` again: it continues where it stopped.`],
  ["restore", `Run the same \`holdfast restore cluster ${NAME}\` again: it continues where it stopped.`],
  ["scale", `Run the same \`holdfast update cluster ${NAME}\` again: it continues where it stopped.`],
  ["drill", `Run it again: \`holdfast drill cluster ${NAME}\`.`],
  ["repair", `Nothing: a repair checks ${NAME} again by itself.`],
] as const)(
  "20: of a %s whose execution was stopped, the remedy is not to look at another operation",
  async (kind, remedy) => {
    expect(await remedyOf(kind)).toContain(remedy);
  },
);
