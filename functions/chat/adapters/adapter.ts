import type { Delivery } from "../../domain/chat/delivery.ts";
import type { ChatMessage } from "../../domain/chat/message.ts";
import type { AdapterName, IngressSettings } from "../../domain/chat/settings.ts";
import type { VerificationResult } from "../../domain/chat/signatures.ts";
import type { Reply } from "../../runtime/problems.ts";

/** A request as it came: the bytes that were signed, not what a parser makes of them. */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export type Incoming =
  | { readonly kind: "delivery"; readonly delivery: Delivery }
  /** To be answered at once, without effect. */
  | { readonly kind: "answer"; readonly reply: Reply }
  | { readonly kind: "refused"; readonly reason: string };

/** One chat. Another one is another file like its neighbours, a name in `ADAPTERS`, a endpoint, and a route. */
export interface ChatAdapter {
  readonly name: AdapterName;
  /** Where it may be answered unless the settings say otherwise. */
  readonly replyOrigins: readonly string[];
  /** Is the request from this chat, and fresh? Nothing of it is believed before. */
  verify(request: RawRequest, settings: IngressSettings, nowMs: number): VerificationResult;
  parse(request: RawRequest, settings: IngressSettings, now: Date): Incoming;
  /** What the chat is answered at once; the rest is posted later. */
  acknowledge(delivery: Delivery): Reply;
  /** `ingressUrl`: where the chat reaches us, for buttons that carry their own address. */
  format(message: ChatMessage, context: { readonly settings: IngressSettings; readonly ingressUrl: string }): unknown;
}

export function originsOf(adapter: ChatAdapter, settings: IngressSettings): readonly string[] {
  return settings.replyOrigins ?? adapter.replyOrigins;
}
