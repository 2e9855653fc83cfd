import { closeSession, session } from "./data/session.ts";
import { type Session, shortName } from "./models/access.ts";
import { Empty, Loading } from "./parts/basics.tsx";
import { OfflineBanner } from "./parts/shown.tsx";
import { hrefOf, segments } from "./router.ts";
import { ActivityScreen } from "./screens/activity.tsx";
import { ChangeScreen } from "./screens/change.tsx";
import { ClusterScreen } from "./screens/cluster.tsx";
import { ClustersScreen } from "./screens/clusters.tsx";
import { CreateScreen } from "./screens/create.tsx";
import { DeleteScreen } from "./screens/delete.tsx";
import { EndpointsScreen } from "./screens/endpoints.tsx";
import { ChangeFleetScreen, CreateFleetScreen, DeleteFleetScreen } from "./screens/fleet-change.tsx";
import { FleetScreen, FleetsScreen } from "./screens/fleets.tsx";
import { OperationScreen } from "./screens/operation.tsx";
import { RestoreScreen } from "./screens/restore.tsx";
import { RolloutScreen } from "./screens/rollout.tsx";
import { RolloutStartScreen } from "./screens/rollout-start.tsx";
import { SignInScreen } from "./screens/sign-in.tsx";

/** Pages of the navigation, in its order, by the first part of their address. */
const PAGES = [
  { id: "clusters", label: "Clusters", mark: "▦" },
  { id: "fleets", label: "Fleets", mark: "▤" },
  { id: "activity", label: "Activity", mark: "≡" },
] as const;

export function App() {
  const state = session.value;
  if (state.kind === "signed-out") return <SignInScreen why={state.why} />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Navigation session={state.kind === "signed-in" ? state.session : null} />
      <main id="main" tabIndex={-1}>
        <OfflineBanner />
        {state.kind === "signed-in" ? <Screen session={state.session} /> : <Loading what="your session" rows={6} />}
      </main>
    </>
  );
}

/** Pages that belong to one of the navigation. */
const PARENTS = new Map([
  ["operations", "clusters"],
  ["create", "clusters"],
  ["rollouts", "fleets"],
  ["create-fleet", "fleets"],
  ["endpoints", "fleets"],
]);

function Navigation({ session: who }: { readonly session: Session | null }) {
  const [page = "clusters"] = segments.value;
  const current = PARENTS.get(page) ?? page;
  return (
    <header class="top">
      <a class="brand" href={hrefOf("clusters")}>
        <span aria-hidden="true" class="logo">
          H
        </span>
        Holdfast
      </a>
      <nav aria-label="Pages">
        {PAGES.map(({ id, label, mark }) => (
          <a key={id} href={hrefOf(id)} aria-current={id === current ? "page" : undefined}>
            <span aria-hidden="true">{mark}</span> {label}
          </a>
        ))}
      </nav>
      {who ? (
        <div class="who">
          <span title={who.principal}>{shortName(who.principal)}</span>
          <button type="button" class="plain" onClick={closeSession}>
            Sign out
          </button>
        </div>
      ) : null}
    </header>
  );
}

/** What a name can be followed by. */
const OF_CLUSTER = { change: ChangeScreen, restore: RestoreScreen, delete: DeleteScreen } as const;
const OF_FLEET = { rollout: RolloutStartScreen, change: ChangeFleetScreen, delete: DeleteFleetScreen } as const;

function Screen({ session: who }: { readonly session: Session }) {
  const [page = "clusters", name, sub] = segments.value;
  if (page === "clusters" && name === undefined) return <ClustersScreen session={who} />;
  if (page === "clusters" && name !== undefined) {
    const Wizard = isWordOf(OF_CLUSTER, sub) ? OF_CLUSTER[sub] : undefined;
    return Wizard ? (
      <Wizard key={name} name={name} session={who} />
    ) : (
      <ClusterScreen key={name} name={name} tab={sub} session={who} />
    );
  }
  if (page === "create") return <CreateScreen />;
  if (page === "operations" && name !== undefined) return <OperationScreen key={name} id={name} />;
  if (page === "fleets" && name === undefined) return <FleetsScreen session={who} />;
  if (page === "fleets" && name !== undefined) {
    const Wizard = isWordOf(OF_FLEET, sub) ? OF_FLEET[sub] : FleetScreen;
    return <Wizard key={name} name={name} session={who} />;
  }
  if (page === "create-fleet") return <CreateFleetScreen session={who} />;
  if (page === "rollouts" && name !== undefined) return <RolloutScreen key={name} id={name} session={who} />;
  if (page === "endpoints") return <EndpointsScreen />;
  if (page === "activity") return <ActivityScreen />;
  return (
    <Empty title="There is no such page">
      <a href={hrefOf("clusters")}>All clusters</a>
    </Empty>
  );
}

function isWordOf<Word extends string>(words: Readonly<Record<Word, unknown>>, sub: string | undefined): sub is Word {
  return sub !== undefined && Object.hasOwn(words, sub);
}
