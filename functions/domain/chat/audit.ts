/** Who did what in a chat, and what came of it. */
export interface AuditEntry {
  readonly time: string;
  readonly principal: string;
  readonly name: string;
  readonly what: string;
  readonly cluster: string | null;
  readonly outcome: "shown" | "asked" | "confirmed" | "cancelled" | "denied" | "refused" | "failed";
  readonly detail: string | null;
  readonly delivery: string;
}
