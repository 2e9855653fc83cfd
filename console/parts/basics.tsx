import type { ComponentChildren } from "preact";
import type { Mark } from "../models/cluster.ts";
import { plain } from "../models/words.ts";

/** State as a mark and a word. */
export function Badge({ mark: { mark, word, tone } }: { readonly mark: Mark }) {
  return (
    <span class={`badge ${tone}`}>
      <span class="mark" aria-hidden="true">
        {mark}
      </span>
      {word}
    </span>
  );
}

/** Text of others: names, messages, what programs printed. */
export function Said({ children }: { readonly children: string }) {
  return <bdi>{plain(children)}</bdi>;
}

export function Notice({
  tone,
  title,
  children,
}: {
  readonly tone: "bad" | "warn" | "quiet" | "good";
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Grey bars in the place of what is on its way. */
export function Loading({ rows = 4, what }: { readonly rows?: number; readonly what: string }) {
  return (
    <div class="loading" role="status">
      <span class="hidden">Loading {what}</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="bar" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Facts({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Command({ children }: { readonly children: string }) {
  return (
    <pre class="command">
      <code>{children}</code>
    </pre>
  );
}
