import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { EVENT_BUS } from "../../domain/cluster/naming.ts";
import { call } from "../common/aws-errors.ts";

/**
 * Puts one event of ours on our own bus, where nobody else may put any. PutEvents answers 200 for an entry that it did
 * not take (docs/references/aws.md#events).
 */
export async function publish(
  eventBridge: EventBridgeClient,
  detailType: string,
  detail: object,
  time: Date,
): Promise<void> {
  const { Entries = [] } = await call(
    eventBridge.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: EVENT_BUS,
            Source: "holdfast",
            DetailType: detailType,
            Detail: JSON.stringify(detail),
            Time: time,
          },
        ],
      }),
    ),
  );
  const [refused] = Entries.filter(({ ErrorCode }) => ErrorCode !== undefined);
  if (refused) throw new Error(`the event was not taken: ${refused.ErrorCode}: ${refused.ErrorMessage ?? ""}`);
}
