import { expect, test } from "vitest";
import { printColumns } from "./kubernetes/kubectl/custom-columns.ts";

const NODE = {
  metadata: { name: "i-0abc" },
  spec: {},
  status: {
    conditions: [
      { type: "MemoryPressure", status: "False" },
      { type: "Ready", status: "True" },
    ],
  },
};

test("custom columns follow members and filters, and say <none> where there is nothing", () => {
  const template = 'NAME:.metadata.name,PROVIDER:.spec.providerID,READY:.status.conditions[?(@.type=="Ready")].status';

  expect(printColumns(template, [NODE], true)).toBe("NAME     PROVIDER   READY\ni-0abc   <none>     True\n");
  expect(printColumns(template, [NODE], false)).toBe("i-0abc   <none>   True\n");
});

test("a path that the stand-in does not know is refused, not misread", () => {
  expect(() => printColumns("X:.items[*].name", [NODE], true)).toThrow('does not know "[*].name"');
});
