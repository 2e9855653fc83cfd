import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { CloudContext } from "../context/context.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";

/** Dashboards by name: their bodies, which the console of AWS would draw. */
export class Dashboards {
  readonly #bodies = new Map<string, { readonly body: string; readonly changedAt: number }>();
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  put(name: string, body: string): void {
    this.#bodies.set(name, { body, changedAt: this.#context.clock.now() });
  }

  handlers(): Handlers<typeof sdk> {
    const arn = (name: string): string => `arn:aws:cloudwatch::${this.#context.accountId}:dashboard/${name}`;
    return {
      ListDashboards: ({ DashboardNamePrefix = "" }) => ({
        DashboardEntries: [...this.#bodies]
          .filter(([name]) => name.startsWith(DashboardNamePrefix))
          .map(([name, { body, changedAt }]) => ({
            ...{ DashboardName: name, DashboardArn: arn(name), Size: body.length },
            LastModified: new Date(changedAt),
          })),
      }),
      GetDashboard: ({ DashboardName = "" }) => {
        const found = this.#bodies.get(DashboardName);
        if (!found)
          throw new AwsError("DashboardNotFoundError", `Dashboard ${DashboardName} does not exist`, { status: 404 });
        return { DashboardName, DashboardArn: arn(DashboardName), DashboardBody: found.body };
      },
    };
  }
}
