/** What a report must not carry: keys, tokens, certificates' keys, and the account's number. */
const SECRETS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g, "<pem>"],
  [/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, "<aws-id>"],
  [/\bBearer\s+[^\s"]+/gi, "Bearer <token>"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, "<bootstrap-token>"],
  [/(X-Amz-(?:Credential|Signature|Security-Token)=)[^&\s"]+/gi, "$1<redacted>"],
  [/\b\d{12}\b/g, "<account>"],
];

/** The text without them. */
export function redact(text: string): string {
  return SECRETS.reduce((cleared, [pattern, instead]) => cleared.replace(pattern, instead), text);
}
