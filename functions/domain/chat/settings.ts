import * as z from "zod";

/** Where Holdfast's settings lie in Parameter Store. Not below `/holdfast/`, which is the clusters' own. */
export const SETTINGS = "/holdfast-settings/chat";

export const ADAPTERS = ["slack", "mattermost", "webhook"] as const;
export type AdapterName = (typeof ADAPTERS)[number];

/** Scheme, host and port that may be posted to: https, or http on this very machine, where nobody can listen in. */
const Origin = z
  .string()
  .regex(/^(https:\/\/[a-z0-9.-]+(:\d{1,5})?|http:\/\/127\.0\.0\.1:\d{1,5})$/, "such as https://chat.example.com");

/**
 * `/holdfast-settings/chat/<adapter>`, a SecureString: the secret that is shared with the chat, and where it may be
 * answered.
 */
export const IngressSettings = z.strictObject({
  secret: z.string().min(8),
  replyOrigins: z.array(Origin).exactOptional(),
  /** Slack's `api_app_id`: another app's requests are refused even if their signature is valid. */
  app: z.string().exactOptional(),
});
export type IngressSettings = z.output<typeof IngressSettings>;

/** `/holdfast-settings/chat/notifications`, a SecureString: an incoming webhook, whose address is its secret. */
export const NotificationSettings = z.strictObject({
  url: z.url(),
  adapter: z.enum(ADAPTERS).default("slack"),
  origins: z.array(Origin).exactOptional(),
});

/**
 * Is the address on one of these origins? Compared as a whole, so that neither user info nor a longer host name passes.
 */
export function isOnOrigin(address: string, origins: readonly string[]): boolean {
  const url = URL.parse(address);
  return url !== null && url.username === "" && url.password === "" && origins.includes(url.origin);
}
