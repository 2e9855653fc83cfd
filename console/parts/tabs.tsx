import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { go } from "../router.ts";

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly href: string;
}

/** Tabs that have addresses; arrow keys go from one to the next. */
export function Tabs({
  tabs,
  active,
  children,
}: {
  readonly tabs: readonly Tab[];
  readonly active: string;
  readonly children: ComponentChildren;
}) {
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex(({ id }) => id === active);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    go(next.href);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus());
  };
  return (
    <>
      <div class="tabs" role="tablist" tabIndex={-1} ref={list} onKeyDown={onKey} aria-label="About this cluster">
        {tabs.map(({ id, label, href }) => (
          <a
            key={id}
            id={`tab-${id}`}
            role="tab"
            href={href}
            aria-selected={id === active}
            aria-controls="tab-panel"
            tabIndex={id === active ? 0 : -1}
          >
            {label}
          </a>
        ))}
      </div>
      <section id="tab-panel" role="tabpanel" aria-labelledby={`tab-${active}`}>
        {children}
      </section>
    </>
  );
}
