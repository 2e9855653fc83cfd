import type { ComponentChildren } from "preact";
import { now } from "../data/clock.ts";
import type { Known, Resource } from "../data/resource.ts";
import { unreachableSince } from "../data/session.ts";
import { ageText } from "../models/words.ts";
import { Loading, Notice, Said } from "./basics.tsx";

/** What is known of a resource: on its way, refused, or there. */
export function Shown<Value>({
  of,
  what,
  children,
}: {
  readonly of: Resource<Value>;
  readonly what: string;
  readonly children: (value: Value) => ComponentChildren;
}) {
  const { value, refused } = of.known.value;
  if (refused) return <RefusedNotice problem={refused.problem} />;
  if (value === undefined) return <Loading what={what} />;
  return <>{children(value)}</>;
}

type Problem = NonNullable<Known<unknown>["refused"]>["problem"];

export function RefusedNotice({ problem }: { readonly problem: Problem }) {
  const title = problem.status === 403 ? "You may not do this" : problem.status === 404 ? "Not found" : problem.title;
  return (
    <Notice tone={problem.status === 404 || problem.status === 403 ? "quiet" : "bad"} title={title}>
      {problem.problems?.length ? (
        <ul>
          {problem.problems.map(({ flag, message }) => (
            <li key={`${flag} ${message}`}>
              <Said>{message}</Said>
            </li>
          ))}
        </ul>
      ) : (
        <p>
          <Said>{problem.detail}</Said>
        </p>
      )}
    </Notice>
  );
}

/** Former data is not shown as if it were of now. */
const FRESH_MS = 20_000;

export function Seen({ at }: { readonly at: number | undefined }) {
  if (at === undefined) return null;
  const age = now.value - at;
  if (age < FRESH_MS) return <span class="seen">up to date</span>;
  return <span class="seen stale">seen {ageText(age)} ago</span>;
}

/** As long as nobody answers. What was seen last stays on the page. */
export function OfflineBanner() {
  const since = unreachableSince.value;
  return (
    <div role="status" aria-live="polite">
      {since === null ? null : (
        <div class="banner">
          <strong>Holdfast does not answer</strong>
          <span>
            for {ageText(now.value - since)}. The page shows what was seen last, and asks again every 3 s. Clusters run
            on, and repairs too.
          </span>
        </div>
      )}
    </div>
  );
}
