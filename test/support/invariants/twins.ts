import type { Seen, Violation } from "./observations.ts";

/** Made by groups from one template, as many as there are nodes, and gone with their instances. */
const PLURAL = /^(node|root-of\/|interface-of\/|master-)/;

/** L: per logical name one resource. */
export function checkTwins({ resources }: Pick<Seen, "resources">): Violation[] {
  return [
    ...Map.groupBy(
      resources.filter(({ name }) => !PLURAL.test(name)),
      ({ type, name }) => `${type} ${name}`,
    ),
  ]
    .filter(([, twins]) => new Set(twins.map(({ id }) => id)).size > 1)
    .map(([name, twins]) => {
      return { invariant: "L", at: 0, what: `${name} is there as ${twins.map(({ id }) => id).join(" and ")}` };
    });
}
