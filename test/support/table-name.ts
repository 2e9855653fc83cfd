import type { LocalCloud } from "../../local/cloud.ts";

/** The name that the functions of a local cloud have for their table. */
export function tableName({ services }: LocalCloud): string {
  const name = services.lambda
    .list()
    .map(({ environment }) => environment["CLUSTER_TABLE"])
    .find(Boolean);
  if (name === undefined) throw new Error("no function knows the table");
  return name;
}
