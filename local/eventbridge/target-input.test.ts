import { expect, test } from "vitest";
import type { BusEvent } from "./event.ts";
import { targetInput } from "./target-input.ts";

const EVENT: BusEvent = {
  version: "0",
  id: "11111111-2222-3333-4444-555555555555",
  "detail-type": "EC2 Instance State-change Notification",
  source: "aws.ec2",
  account: "123456789012",
  time: "2026-11-22T07:00:00Z",
  region: "us-west-2",
  resources: ["arn:aws:ec2:us-west-2:123456789012:instance/i-1"],
  detail: { "instance-id": "i-1", state: "terminated", note: 'said "no"', tags: { member: "a" } },
};
const RULE = { arn: "arn:aws:events:us-west-2:123456789012:rule/Lost", name: "Lost" };
function transformed(InputTemplate: string, InputPathsMap: Record<string, string> = {}) {
  return targetInput({ Id: "t", Arn: "a", InputTransformer: { InputTemplate, InputPathsMap } }, EVENT, RULE);
}

test("without input settings the target gets the whole event", () => {
  expect(JSON.parse(targetInput({ Id: "t", Arn: "a" }, EVENT, RULE))).toEqual(EVENT);
});

test("a constant input replaces the event", () => {
  expect(targetInput({ Id: "t", Arn: "a", Input: '{"reconcile":true}' }, EVENT, RULE)).toBe('{"reconcile":true}');
});

test("an input path picks a part of the event", () => {
  expect(targetInput({ Id: "t", Arn: "a", InputPath: "$.detail.tags" }, EVENT, RULE)).toBe('{"member":"a"}');
  expect(targetInput({ Id: "t", Arn: "a", InputPath: "$.resources[0]" }, EVENT, RULE)).toBe(`"${EVENT.resources[0]}"`);
});

test("a template inserts JSON outside quotes and text inside them", () => {
  const paths = { id: "$.detail.instance-id", tags: "$.detail.tags", note: "$.detail['note']" };

  expect(transformed('{"id":<id>,"tags":<tags>,"text":"<id>: <note>"}', paths)).toBe(
    '{"id":"i-1","tags":{"member":"a"},"text":"i-1: said \\"no\\""}',
  );
});

test("a template knows the rule and the event", () => {
  expect(JSON.parse(transformed('{"rule":<aws.events.rule-name>,"event":<aws.events.event.json>}'))).toEqual({
    rule: "Lost",
    event: EVENT,
  });
});

test("a variable that the event does not have leaves nothing", () => {
  expect(transformed('{"member":"<member>"}', { member: "$.detail.member" })).toBe('{"member":""}');
});
