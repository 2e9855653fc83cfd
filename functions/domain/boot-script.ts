/** For a shell: the value stands as it is, whatever it holds. */
const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** EC2 refuses more than this, before base64 (aws-facts §4; the limit is on the decoded text). */
export const USER_DATA_LIMIT = 16_384;

/** User data: the variables that the control plane sets, then the scripts, unchanged. Throws when it is over the limit. */
export const bootScript = (variables: Readonly<Record<string, string>>, scripts: readonly string[]): string => {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}`);
  const text = ["#!/bin/bash", ...assignments, ...scripts].join("\n");
  if (Buffer.byteLength(text) > USER_DATA_LIMIT) {
    throw new Error(`user data has ${Buffer.byteLength(text)} bytes, ${USER_DATA_LIMIT} are allowed`);
  }
  return text;
};
