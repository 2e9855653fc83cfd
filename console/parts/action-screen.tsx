import type { ComponentChildren } from "preact";
import { type Action, mayDo, type Session } from "../models/access.ts";
import { capital } from "../models/words.ts";
import { hrefOf } from "../router.ts";
import { Notice } from "./basics.tsx";

interface ActionScreenProps {
  readonly name: string;
  /** What is done to the cluster. */
  readonly action: Action | "restore";
  /** What that does, in a sentence. */
  readonly effect?: string;
  readonly session: Session;
  readonly children: ComponentChildren;
}

/** A screen that does something to a cluster: the way back, the title, and the rest for who may do it. */
export function ActionScreen({ name, action, effect, session, children }: ActionScreenProps) {
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("clusters")}>Clusters</a>
        <a href={hrefOf("clusters", name)}>{name}</a>
      </nav>
      <div class="head">
        <div>
          <h1>
            {capital(action)} {name}
          </h1>
          {effect === undefined ? null : <p class="sub">{effect}</p>}
        </div>
      </div>
      {mayDo(session, action === "restore" ? "delete" : action, name) ? (
        children
      ) : (
        <Notice tone="quiet" title={`You may look at this cluster, not ${action} it`} />
      )}
    </>
  );
}
