const MAX_NAME_LENGTH = 63;
const MAX_PREFIX_LENGTH = 253;
const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

const NAME_EXPECTED = "at most 63 letters, digits, - _ and ., with a letter or digit at both ends";
export const KEY_EXPECTED = `expected env or example.com/env: ${NAME_EXPECTED}`;
export const VALUE_EXPECTED = `expected nothing, or ${NAME_EXPECTED}`;

/** `env` or `example.com/env` (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/). */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  const prefix = text.slice(0, Math.max(slash, 0));
  const isPrefixed = slash < 0 || (prefix.length <= MAX_PREFIX_LENGTH && DNS_SUBDOMAIN.test(prefix));
  return isPrefixed && name.length <= MAX_NAME_LENGTH && NAME.test(name);
}

export function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= MAX_NAME_LENGTH && NAME.test(text));
}
