import { AwsError } from "../wire/contract.ts";

const NAME_LIMIT_CHARACTERS = 80;
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

/**
 * The rule for names of machines and executions.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 * @throws AwsError InvalidName
 */
export function requireValidName(name: string): void {
  if (name.length >= 1 && name.length <= NAME_LIMIT_CHARACTERS && !FORBIDDEN.test(name)) return;
  throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
}
