import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Cluster } from "../data/api.ts";
import { now } from "../data/clock.ts";
import {
  backupText,
  costText,
  drillText,
  HEALTH_MARKS,
  mastersText,
  nodesText,
  STATUS_MARKS,
  versionOf,
} from "../models/cluster.ts";
import { type Window, windowOf } from "../models/window.ts";
import { ageOf } from "../models/words.ts";
import { hrefOf } from "../router.ts";
import { Badge } from "./basics.tsx";

const HEADS = ["Name", "Status", "Version", "Masters", "Nodes", "Backup", "Drill", "Cost/mo", "Changed"] as const;
/** As in the style sheet; on a narrow screen a row is a card. */
const ROW_PX = 46;
const CARD_PX = 104;
const NARROW = "(max-width: 759px)";

/** Draws the rows that can be seen, and room for the others. */
export function ClusterTable({ clusters }: { readonly clusters: readonly Cluster[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const drawn = useDrawnRows(body, clusters.length);
  const { first, last, above, below } = drawn;
  return (
    <table class="clusters" aria-rowcount={clusters.length + 1}>
      <caption class="hidden">Clusters</caption>
      <thead>
        <tr class="cluster-row heads" aria-rowindex={1}>
          {HEADS.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} style={{ paddingTop: `${above}px`, paddingBottom: `${below}px` }}>
        {clusters.slice(first, last).map((cluster, index) => (
          <Row key={cluster.name} cluster={cluster} index={first + index + 2} />
        ))}
      </tbody>
    </table>
  );
}

function useDrawnRows(body: { readonly current: HTMLTableSectionElement | null }, count: number): Window {
  const at = useSignal({ top: 0, height: innerHeight, row: matchMedia(NARROW).matches ? CARD_PX : ROW_PX });
  useEffect(() => {
    const look = () => {
      const top = -(body.current?.getBoundingClientRect().top ?? 0);
      const row = matchMedia(NARROW).matches ? CARD_PX : ROW_PX;
      at.value = { top: Math.max(0, top), height: innerHeight, row };
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [at, body]);
  const { top, height, row } = at.value;
  return windowOf(count, row, top, height);
}

function Row({ cluster, index }: { readonly cluster: Cluster; readonly index: number }) {
  const time = now.value;
  return (
    <tr class="cluster-row" aria-rowindex={index}>
      <td class="name">
        <a href={hrefOf("clusters", cluster.name)}>{cluster.name}</a>
      </td>
      <td>
        <Badge mark={STATUS_MARKS[cluster.status]} />
      </td>
      <td data-head="Version">{versionOf(cluster)}</td>
      <td class="masters" data-head="Masters">
        <span aria-hidden="true" class="marks">
          {cluster.members.map(({ name, health }) => (
            <span key={name} class={HEALTH_MARKS[health].tone}>
              {HEALTH_MARKS[health].mark}
            </span>
          ))}
        </span>
        {mastersText(cluster)}
      </td>
      <td data-head="Nodes">{nodesText(cluster)}</td>
      <td data-head="Backup">{backupText(cluster, time)}</td>
      <td data-head="Drill">{drillText(cluster, time)}</td>
      <td data-head="Cost/mo">{costText(cluster)}</td>
      <td data-head="Changed">{ageOf(cluster.updatedAt, time)}</td>
    </tr>
  );
}
