import { expect, test } from "vitest";
import { bootScript } from "../../functions/domain/host/boot-script.ts";
import { bootVariables } from "./simulated/boot-variables.ts";

test("variables are read as boot scripts write them, quotes and line breaks included, and no further", () => {
  const variables = { CLUSTER: "ha.example.com", ODD: "it's\n$(two) 'lines'", EMPTY: "" };

  const read = bootVariables(bootScript(variables, ["# Shared", "MOUNT='/var/lib/etcd'"]));

  expect(Object.fromEntries(read)).toEqual(variables);
});
