import { expect, test } from "vitest";
import { FLEET_REQUESTS } from "../../functions/domain/api/fleet-requests.ts";
import { joinProblems } from "./endpoints.ts";

const REQUEST = {
  name: "east",
  api: "https://abc.execute-api.us-east-1.amazonaws.com",
  region: "us-east-1",
  roleArn: "arn:aws:iam::111122223333:role/holdfast-hub/hub",
};

test("19: all that is wrong with a request to join a hub is said before anything is asked", () => {
  const wrong = joinProblems({ ...REQUEST, name: "BAD_NAME", roleArn: "x" }, "nowhere");

  expect(wrong.map(({ message }) => message)).toEqual([
    'NAME: "BAD_NAME" is not valid; expected lower-case letters, digits and hyphens',
    '--role: "x" is not valid; expected a role such as arn:aws:iam::111122223333:role/holdfast-hub/NAME',
    '--hub: "nowhere" is not valid; expected the address of an API, https://…',
  ]);
});

test("what the hub takes is not refused here", () => {
  expect(FLEET_REQUESTS.joinHub.body.safeParse(REQUEST).success).toBe(true);
  expect(joinProblems(REQUEST, "https://hub.example.com")).toEqual([]);
});
