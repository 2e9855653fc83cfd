import type { ComponentChildren } from "preact";
import { type Action, mayDo, type Session } from "../models/access.ts";
import { capital } from "../models/words.ts";
import { hrefOf } from "../router.ts";
import { Notice } from "./basics.tsx";

/** A screen that does something to a cluster: the way back, the title, and the rest for who may do it. */
export function ClusterScreen({
  name,
  action,
  session,
  children,
}: {
  readonly name: string;
  readonly action: Action;
  readonly session: Session;
  readonly children: ComponentChildren;
}) {
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("clusters")}>Clusters</a>
        <a href={hrefOf("clusters", name)}>{name}</a>
      </nav>
      <div class="head">
        <h1>
          {capital(action)} {name}
        </h1>
      </div>
      {mayDo(session, action, name) ? (
        children
      ) : (
        <Notice tone="quiet" title={`You may look at this cluster, not ${action} it`} />
      )}
    </>
  );
}
