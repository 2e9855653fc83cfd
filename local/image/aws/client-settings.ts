/** How an operation reaches its service. Credentials come from the SDK's default chain: environment, then metadata service. */
export interface ClientSettings {
  readonly region: string;
  readonly endpoint?: string;
}

/** Input of an operation as the command line gave it, by the API's member names. */
export type OperationInput = Readonly<Record<string, unknown>>;

/** A string member; where it is missing, the empty string, which the service itself refuses. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value among those that an enumeration knows; undefined for any other. */
export function oneOf<Value extends string>(
  values: Readonly<Record<string, Value>>,
  given: unknown,
): Value | undefined {
  return Object.values(values).find((value) => value === given);
}
