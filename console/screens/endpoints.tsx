import type { Endpoint } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { readAll } from "../data/request.ts";
import { usePolled } from "../data/resource.ts";
import { byState, ENDPOINT_MARKS, seenText, sinceText } from "../models/endpoints.ts";
import { Badge, Command, Empty, Said } from "../parts/basics.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { DataTable } from "../parts/table.tsx";
import { hrefOf } from "../router.ts";

const EVERY_MS = 15_000;

async function readEndpoints() {
  return { value: await readAll<Endpoint>("/endpoints"), etag: null };
}

/** The Holdfasts whose clusters this one knows. */
export function EndpointsScreen() {
  const endpoints = usePolled<Endpoint[]>("endpoints", readEndpoints, EVERY_MS);
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("fleets")}>Fleets</a>
      </nav>
      <div class="head">
        <div>
          <h1>Endpoints</h1>
          <p class="sub">
            Other Holdfasts that have joined this one, their hub. <Seen at={endpoints.known.value.seenAt} />
          </p>
        </div>
      </div>
      <Shown of={endpoints} what="endpoints">
        {(items) => (items.length === 0 ? <NoEndpoints /> : <EndpointTable endpoints={items} />)}
      </Shown>
    </>
  );
}

function NoEndpoints() {
  return (
    <Empty title="No endpoints are shown">
      <p class="hint">None has joined, or you may not read all clusters. At the other Holdfast:</p>
      <Command>holdfast fleet join eu --hub https://… --role HubAccessRoleArn --yes</Command>
    </Empty>
  );
}

/** One word, which no line breaks. */
function Whole({ children }: { readonly children: string }) {
  return (
    <span class="whole">
      <Said>{children}</Said>
    </span>
  );
}

function EndpointTable({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  return (
    <DataTable
      label="Endpoints"
      heads={["Endpoint", "State", "Clusters", "Last seen", "Unreachable since", "Version", "Account", "Region", "Why"]}
      rows={endpoints.toSorted(byState).map((endpoint) => ({
        key: endpoint.name,
        cells: [
          <Whole key="name">{endpoint.name}</Whole>,
          <Badge key="state" mark={ENDPOINT_MARKS[endpoint.state]} />,
          String(endpoint.clusters),
          seenText(endpoint, now.value),
          sinceText(endpoint, now.value),
          <Whole key="version">{endpoint.version ?? "unknown"}</Whole>,
          <Whole key="account">{endpoint.account}</Whole>,
          <Whole key="region">{endpoint.region}</Whole>,
          <Said key="why">{endpoint.reason ?? "–"}</Said>,
        ],
      }))}
    />
  );
}
