import type { ApiView } from "../httpapi/api-view.ts";
import type { ApiRoute, HttpApiConfiguration, JwtConfiguration } from "../httpapi/model.ts";

interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

/** Collects the parts of an HTTP API, which the template declares one by one. */
export class ApiBuilder {
  /** Where the API is served, which is what `ApiEndpoint` means. */
  readonly endpoint: string;
  readonly #integrations = new Map<string, Integration>();
  readonly #authorizers = new Map<string, JwtConfiguration>();
  readonly #routes: {
    readonly routeId: string;
    readonly routeKey: string;
    readonly authorizationType: ApiRoute["authorizationType"];
    readonly integrationId: string;
    readonly authorizerId: string | undefined;
  }[] = [];
  #apiId: string | undefined;
  #name = "";
  #throttle: HttpApiConfiguration["throttle"];
  #accessLog: HttpApiConfiguration["accessLog"];

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Throws on a second API: one address serves one. */
  putApi(apiId: string, name: string): void {
    if (this.#apiId !== undefined) throw new Error("The local cloud serves one HTTP API, and the template has several");
    this.#apiId = apiId;
    this.#name = name;
  }

  /** Limits of each route. */
  putThrottle(throttle: NonNullable<HttpApiConfiguration["throttle"]>): void {
    this.#throttle = throttle;
  }

  putAccessLog(accessLog: NonNullable<HttpApiConfiguration["accessLog"]>): void {
    this.#accessLog = accessLog;
  }

  putIntegration(integrationId: string, integration: Integration): void {
    this.#integrations.set(integrationId, integration);
  }

  putAuthorizer(authorizerId: string, configuration: JwtConfiguration): void {
    this.#authorizers.set(authorizerId, configuration);
  }

  putRoute(
    routeId: string,
    routeKey: string,
    authorizationType: ApiRoute["authorizationType"],
    integrationId: string,
    authorizerId?: string,
  ): void {
    this.#routes.push({ routeId, routeKey, authorizationType, integrationId, authorizerId });
  }

  /** The API as API Gateway describes it; undefined when the template has none. */
  describe(createdAt: number): ApiView | undefined {
    if (this.#apiId === undefined) return undefined;
    const { ratePerSecond, burst } = this.#throttle ?? {};
    return {
      ...{ apiId: this.#apiId, name: this.#name, endpoint: this.endpoint, createdAt },
      routes: this.#routes.map(({ routeId, routeKey, authorizationType, integrationId, authorizerId }) => ({
        ...{ RouteId: routeId, RouteKey: routeKey, AuthorizationType: authorizationType },
        Target: `integrations/${integrationId}`,
        ...(authorizerId !== undefined && { AuthorizerId: authorizerId }),
      })),
      integrations: [...this.#integrations].map(([id, integration]) => ({ id, ...integration })),
      authorizers: [...this.#authorizers].map(([id, jwt]) => ({ id, ...jwt })),
      stage: {
        DefaultRouteSettings: {
          DetailedMetricsEnabled: false,
          ...(ratePerSecond !== undefined && { ThrottlingRateLimit: ratePerSecond, ThrottlingBurstLimit: burst }),
        },
        ...(this.#accessLog && {
          AccessLogSettings: { DestinationArn: this.#accessLog.arn, Format: this.#accessLog.format },
        }),
      },
    };
  }

  /** The whole API; undefined when the template has none. Throws on a route without integration or authorizer. */
  build(): HttpApiConfiguration | undefined {
    if (this.#apiId === undefined) return undefined;
    const routes = this.#routes.map(({ routeKey, authorizationType, integrationId, authorizerId = "" }): ApiRoute => {
      const integration = this.#integrations.get(integrationId);
      if (!integration) throw new Error(`The route ${routeKey} has no integration ${integrationId}`);
      if (authorizationType !== "JWT") return { routeKey, authorizationType, ...integration };
      const jwt = this.#authorizers.get(authorizerId);
      if (!jwt) throw new Error(`The route ${routeKey} has no authorizer ${authorizerId}`);
      return { routeKey, authorizationType, jwt, ...integration };
    });
    return {
      apiId: this.#apiId,
      routes,
      ...(this.#throttle && { throttle: this.#throttle }),
      ...(this.#accessLog && { accessLog: this.#accessLog }),
    };
  }
}
