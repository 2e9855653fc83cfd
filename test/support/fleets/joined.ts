import { ApiClient } from "../../../client/api-client.ts";
import { apiTarget } from "../../../client/api-target.ts";
import { Internet } from "../../../local/cloud/internet.ts";
import type { LocalCloud } from "../../../local/cloud.ts";
import { type CommandResult, type Scenario, type ScenarioOptions, startScenario } from "../scenario.ts";
import { tokenOf } from "../token.ts";

export const HUB = { accountId: "111111111111", organizationId: "o-ours" };
export const MEMBER = { accountId: "222222222222", organizationId: "o-ours", region: "eu-west-1" };

/** A local cloud in another account and Region, whose stack names the hub. */
export interface Joined {
  readonly scenario: Scenario;
  readonly api: ApiClient;
  /** The command line of who works there. */
  holdfast(...args: string[]): Promise<CommandResult>;
}

export interface Federation extends AsyncDisposable {
  readonly internet: Internet;
  readonly hub: Scenario;
  readonly member: Joined;
  /** The other account's Region is gone, with everything in it. */
  loseMember(): Promise<void>;
  /** What the clock does each minute, now. */
  tick(): Promise<void>;
}

export function outputOf({ stack }: LocalCloud, name: string): string {
  return String(stack.outputs[name]);
}

interface MemberOptions extends ScenarioOptions {
  readonly region: string;
}

const FAST = { hosts: "simulated", workflowSpeed: 20, scheduleSpeed: 0 } as const;

export function startHub(internet: Internet): Promise<Scenario> {
  return startScenario({ ...FAST, ...HUB, internet, parameters: { FleetOrganization: HUB.organizationId } });
}

/** A Holdfast in the account and Region of these options, whose stack names the hub. */
export async function startMember(internet: Internet, hub: Scenario, options: MemberOptions): Promise<Joined> {
  const { region, parameters } = options;
  const names = { HubRole: outputOf(hub.cloud, "HubRoleArn"), HubBus: outputOf(hub.cloud, "HubBusArn") };
  const scenario = await startScenario({ ...FAST, ...options, internet, parameters: { ...names, ...parameters } });
  const HOLDFAST_TOKEN = await tokenOf(scenario.cloud, "root", "admin");
  const api = new ApiClient(apiTarget({ HOLDFAST_API: scenario.cloud.endpoints.api, HOLDFAST_TOKEN }));
  return { scenario, api, holdfast: (...args) => scenario.holdfastAs({ HOLDFAST_REGION: region }, ...args) };
}

/** A hub, and a Holdfast that lets it in; nothing has joined yet. */
export async function startFederation(grant: "viewer" | "operator"): Promise<Federation> {
  const internet = new Internet();
  const hub = await startHub(internet);
  const member = await startMember(internet, hub, { ...MEMBER, parameters: { HubGrant: grant } });
  let isThere = true;
  const loseMember = async (): Promise<void> => {
    if (isThere) await member.scenario[Symbol.asyncDispose]();
    isThere = false;
  };
  return {
    loseMember,
    internet,
    hub,
    member,
    tick: () => tick(hub.cloud),
    [Symbol.asyncDispose]: async () => {
      await loseMember();
      await hub[Symbol.asyncDispose]();
    },
  };
}

export async function tick({ services: { lambda } }: LocalCloud): Promise<void> {
  const name = lambda.list().find((each) => each.name.toLowerCase().replaceAll("-", "").includes("tickrollouts"))?.name;
  const { functionError, payload } = await lambda.invoke(name ?? "", "{}");
  if (functionError !== undefined) throw new Error(payload);
}
