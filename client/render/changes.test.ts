import { expect, test } from "vitest";
import { renderChanges } from "./changes.ts";

const CLUSTER = { name: "ha", status: "ACTIVE", reason: null } as const;

test("a field that the spec left out is shown by what holds without it", () => {
  const changes = [
    { field: "masterZoneFallback", from: null, to: "move", effect: "from now on" },
    { field: "masterZoneFallbackMinutes", from: null, to: 5, effect: "from now on" },
    { field: "cloudLabels", from: null, to: { Team: "Dev" }, effect: "on the next machines" },
  ] as const;

  expect(renderChanges(CLUSTER, changes, "table")).toBe(`Changes of ha:
  --master-zone-fallback  wait → move
      from now on
  --master-zone-fallback-minutes  30 → 5
      from now on
  --cloud-labels  none → Team=Dev
      on the next machines
`);
});
