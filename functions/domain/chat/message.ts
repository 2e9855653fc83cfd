import type { Person } from "./delivery.ts";

/** What is said in a chat, before an adapter gives it that chat's form. Texts are plain: adapters escape them. */
export interface ChatMessage {
  readonly text: readonly (string | Person)[];
  /** Shown as it is, in letters of one width; null when there is none. */
  readonly body: string | null;
  /** For whom: the one who asked, or everybody in the channel. */
  readonly audience: "asker" | "channel";
  /** Takes the place of the message whose button was pressed, where the chat can do that. */
  readonly replace: boolean;
  /** The plan that its Confirm and Cancel are about. */
  readonly buttons: { readonly plan: string; readonly danger: boolean } | null;
}

/** To the one who asked, and nothing more. */
export function aside(...text: readonly (string | Person)[]): ChatMessage {
  return {
    text,
    body: null,
    audience: "asker",
    replace: false,
    buttons: null,
  };
}

/** Chats cut or refuse long messages; the command line shows the rest. */
const MAX_CHARACTERS = 9_000;

/** Without what could steer a terminal or hide text, and bounded. Line breaks stay. */
export function plain(text: string): string {
  const clean = text
    .replace(/\r\n?/g, "\n")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => (character === "\n" ? character : " "));
  if (clean.length <= MAX_CHARACTERS) return clean;
  const cut = clean.lastIndexOf("\n", MAX_CHARACTERS);
  return `${clean.slice(0, cut > 0 ? cut : MAX_CHARACTERS)}\n… more than a message holds; the command line shows all.`;
}
