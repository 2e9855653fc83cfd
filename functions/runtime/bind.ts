/** Functions that take a client (or a table) first, as functions that have it. */
export type Bound<Functions> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (client: never, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** Hands the client to each: `bind(ec2, { findInstances })` is `{ findInstances: (ids) => findInstances(ec2, ids) }`. */
export function bind<Client, Functions extends Record<string, (client: Client, ...rest: never[]) => unknown>>(
  client: Client,
  functions: Functions,
): Bound<Functions> {
  // The compiler cannot infer a mapped type through `fromEntries`.
  return Object.fromEntries(
    Object.entries(functions).map(([name, run]) => [name, (...rest: never[]) => run(client, ...rest)]),
  ) as Bound<Functions>;
}
