import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { StepView } from "../domain/api/views.ts";
import { SentCommandSchema } from "../domain/cluster/record-schemas.ts";
import { type Begun, LEASE_MS, type SentCommand } from "../domain/cluster/records.ts";
import { leaseLost } from "./clusters.ts";
import { readOperation } from "./items.ts";
import { isConditionFailure, keys, type Table } from "./keys.ts";

/** A step begins (or begins again): renews the lease, shows the step, and says which. Throws LeaseLost if the operation has ended. */
export async function beginStep(
  table: Table,
  at: { operation: string; cluster: string; step: string; member: string | null },
  now: Date,
): Promise<Begun> {
  const fresh: StepView = {
    name: at.step,
    member: at.member,
    status: "RUNNING",
    startedAt: now.toISOString(),
    finishedAt: null,
    message: null,
  };
  const { Attributes } = await table.client
    .send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.operation(at.operation),
        UpdateExpression:
          "SET #r.leaseUntil = :until, #r.steps.#step = if_not_exists(#r.steps.#step, :fresh) ADD active :active",
        ConditionExpression: "#r.#status = :running",
        ExpressionAttributeNames: { "#r": "record", "#status": "status", "#step": stepKey(at) },
        ExpressionAttributeValues: {
          ":until": now.getTime() + LEASE_MS,
          ":fresh": fresh,
          ":running": "RUNNING",
          ":active": new Set([stepKey(at)]),
        },
        ReturnValues: "ALL_OLD",
      }),
    )
    .catch(leaseLost(at.operation, at.cluster));
  const before = readOperation(Attributes ?? {});
  if (before.parent !== undefined) await renewLease(table, before.parent, now);
  const known = before.steps[stepKey(at)];
  return {
    first: known === undefined,
    waitsSince: known?.startedAt ?? fresh.startedAt,
    operationStartedAt: before.startedAt,
    command: SentCommandSchema.safeParse(Attributes?.[commandKey(at)]).data,
  };
}

/** Of an operation that waits for a backup and runs no step itself meanwhile. Does nothing if it has ended. */
export async function renewLease(table: Table, operation: string, now: Date): Promise<void> {
  const command = new UpdateCommand({
    TableName: table.name,
    Key: keys.operation(operation),
    UpdateExpression: "SET #r.leaseUntil = :until",
    ConditionExpression: "#r.#status = :running",
    ExpressionAttributeNames: { "#r": "record", "#status": "status" },
    ExpressionAttributeValues: { ":until": now.getTime() + LEASE_MS, ":running": "RUNNING" },
  });
  try {
    await table.client.send(command);
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}

/** What a step has asked a host, for its next run to look at; or null, once it was answered. */
export async function rememberCommand(
  table: Table,
  at: { operation: string; step: string; member: string | null },
  command: SentCommand | null,
): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.operation(at.operation),
      ConditionExpression: "attribute_exists(#r)",
      ExpressionAttributeNames: { "#r": "record", "#command": commandKey(at) },
      ...(command === null
        ? { UpdateExpression: "REMOVE #command" }
        : { UpdateExpression: "SET #command = :command", ExpressionAttributeValues: { ":command": command } }),
    }),
  );
}

/** A step ended, failed, or waits for another try. Silent if the operation was superseded meanwhile: nothing may hinge on it. */
export async function endStep(
  table: Table,
  at: { operation: string; step: string; member: string | null },
  outcome: Pick<StepView, "status" | "message">,
  now: Date,
): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.operation(at.operation),
      UpdateExpression:
        "SET #r.steps.#step.#status = :status, #r.steps.#step.message = :message, #r.steps.#step.finishedAt = :at DELETE active :active",
      ConditionExpression: "attribute_exists(#r.steps.#step)",
      ExpressionAttributeNames: { "#r": "record", "#status": "status", "#step": stepKey(at) },
      ExpressionAttributeValues: {
        ":status": outcome.status,
        ":message": outcome.message,
        ":active": new Set([stepKey(at)]),
        ":at": outcome.status === "DONE" || outcome.status === "FAILED" ? now.toISOString() : null,
      },
    }),
  );
}

/** Steps of an operation whose functions have begun and not ended; one that crashed stays among them. */
export async function stepsInFlight(table: Table, operation: string): Promise<string[]> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.operation(operation), ConsistentRead: true }),
  );
  return [...z.set(z.string()).catch(new Set()).parse(Item?.["active"])];
}

function commandKey(at: { step: string; member: string | null }): string {
  return `command ${stepKey(at)}`;
}

function stepKey(at: { step: string; member: string | null }): string {
  return at.member ? `${at.step} ${at.member}` : at.step;
}
