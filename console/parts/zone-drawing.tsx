import type { Cluster, Operation } from "../data/api.ts";
import { type DrawnMember, type DrawnZone, drawZones } from "../models/drawing.ts";
import { counted } from "../models/words.ts";
import { Badge, Said } from "./basics.tsx";

/** The zones with what is in them: members as identities, and the instances that come and go. */
export function ZoneDrawing({
  cluster,
  operation,
}: {
  readonly cluster: Cluster;
  readonly operation: Operation | null;
}) {
  return (
    <div class="zones">
      {drawZones(cluster, operation).map((zone) => (
        <Zone key={zone.zone} {...zone} />
      ))}
    </div>
  );
}

function Zone({ zone, members, nodes, missing }: DrawnZone) {
  const ready = nodes.filter((node) => node.ready).length;
  return (
    <section class="zone" aria-label={`Zone ${zone}`}>
      <h2>{zone}</h2>
      {members.length === 0 ? <p class="no-master">no master here</p> : null}
      {members.map((member) => (
        <MemberCard key={member.name} {...member} />
      ))}
      {nodes.length + missing > 0 ? (
        <div class="nodes">
          <span class="cells" aria-hidden="true">
            {nodes.map(({ name, ready: isReady }) => (
              <span key={name} class={isReady ? "cell good" : "cell bad"} title={name}>
                {isReady ? "■" : "✕"}
              </span>
            ))}
            {Array.from({ length: missing }, (_, index) => (
              <span key={index} class="cell quiet">
                □
              </span>
            ))}
          </span>
          {counted(nodes.length + missing, "node")}, {ready} ready
        </div>
      ) : null}
    </section>
  );
}

function MemberCard({ name, isLeader, volume, address, instance, health, doing }: DrawnMember) {
  return (
    <article class={`member ${health.tone}`} aria-label={`Master ${name}`}>
      <header>
        <span class="name">{name}</span>
        {isLeader ? (
          <span class="leader">
            <span aria-hidden="true">★</span> leader
          </span>
        ) : null}
        <Badge mark={health} />
      </header>
      <dl class="identity">
        <div>
          <dt>volume</dt>
          <dd>{volume ?? "none yet"}</dd>
        </div>
        <div>
          <dt>interface</dt>
          <dd>{address}</dd>
        </div>
      </dl>
      <div class={instance === null ? "instance gone" : "instance"}>
        <span class="label">instance</span>
        <span>{instance ?? (doing === null ? "none" : "none: the next one is on its way")}</span>
      </div>
      {doing === null ? null : (
        <p class="doing">
          <span aria-hidden="true">◐ </span>
          <Said>{doing}</Said>
        </p>
      )}
    </article>
  );
}
