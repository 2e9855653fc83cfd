import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Cluster } from "../data/api.ts";
import { readAll } from "../data/request.ts";
import { usePolled } from "../data/resource.ts";
import { mayDo, type Session } from "../models/access.ts";
import { byAttention, filterClusters, summaryOf } from "../models/cluster.ts";
import { Command, Empty } from "../parts/basics.tsx";
import { ClusterTable } from "../parts/cluster-table.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { hrefOf } from "../router.ts";

const EVERY_MS = 15_000;

async function readClusters() {
  return { value: await readAll<Cluster>("/clusters?limit=100"), etag: null };
}

export function ClustersScreen({ session }: { readonly session: Session }) {
  const clusters = usePolled<Cluster[]>("clusters", readClusters, EVERY_MS);
  const mayCreate = mayDo(session, "create", null);
  return (
    <>
      <div class="head">
        <div>
          <h1>Clusters</h1>
          <p class="sub">
            {summaryOf(clusters.known.value.value ?? [])} · <Seen at={clusters.known.value.seenAt} />
          </p>
        </div>
        {mayCreate ? (
          <a class="button primary" href={hrefOf("create")}>
            Create a cluster
          </a>
        ) : null}
      </div>
      <Shown of={clusters} what="clusters">
        {(all) => (all.length === 0 ? <NoClusters mayCreate={mayCreate} /> : <Filtered clusters={all} />)}
      </Shown>
    </>
  );
}

function NoClusters({ mayCreate }: { readonly mayCreate: boolean }) {
  return (
    <Empty title="No clusters yet">
      {mayCreate ? (
        <>
          <p>Create the first one here, or by the command line:</p>
          <Command>holdfast create cluster --zones us-west-2a,us-west-2b,us-west-2c demo.example.com --yes</Command>
        </>
      ) : (
        <p>Clusters that you may read appear here.</p>
      )}
    </Empty>
  );
}

function Filtered({ clusters }: { readonly clusters: readonly Cluster[] }) {
  const filter = useSignal("");
  const input = useRef<HTMLInputElement>(null);
  const sorted = useMemo(() => clusters.toSorted(byAttention), [clusters]);
  const found = useMemo(() => filterClusters(sorted, filter.value), [sorted, filter.value]);
  useSlash(input);
  return (
    <>
      <div class="filter">
        <label for="filter">Filter</label>
        <input
          id="filter"
          ref={input}
          type="search"
          placeholder="name, status, version, zone or label"
          autocomplete="off"
          spellcheck={false}
          value={filter.value}
          onInput={(event) => {
            filter.value = event.currentTarget.value;
          }}
        />
        <span class="hint">
          <kbd>/</kbd> to filter
        </span>
        <span role="status">{filter.value === "" ? "" : `${found.length} of ${clusters.length}`}</span>
      </div>
      {found.length === 0 ? <Empty title={`Nothing matches “${filter.value}”`} /> : <ClusterTable clusters={found} />}
    </>
  );
}

/** `/` goes to the filter, as in k9s. */
function useSlash(input: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.matches("input, textarea, select");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [input]);
}
