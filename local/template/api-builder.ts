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
    readonly routeKey: string;
    readonly authorizationType: ApiRoute["authorizationType"];
    readonly integrationId: string;
    readonly authorizerId: string | undefined;
  }[] = [];
  #apiId: string | undefined;
  #throttle: HttpApiConfiguration["throttle"];
  #accessLogFormat: string | undefined;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Throws on a second API: one address serves one. */
  putApi(apiId: string): void {
    if (this.#apiId !== undefined) throw new Error("The local cloud serves one HTTP API, and the template has several");
    this.#apiId = apiId;
  }

  /** Limits of each route. */
  putThrottle(throttle: NonNullable<HttpApiConfiguration["throttle"]>): void {
    this.#throttle = throttle;
  }

  putAccessLogFormat(format: string): void {
    this.#accessLogFormat = format;
  }

  putIntegration(integrationId: string, integration: Integration): void {
    this.#integrations.set(integrationId, integration);
  }

  putAuthorizer(authorizerId: string, configuration: JwtConfiguration): void {
    this.#authorizers.set(authorizerId, configuration);
  }

  putRoute(
    routeKey: string,
    authorizationType: ApiRoute["authorizationType"],
    integrationId: string,
    authorizerId?: string,
  ): void {
    this.#routes.push({ routeKey, authorizationType, integrationId, authorizerId });
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
      ...(this.#accessLogFormat !== undefined && { accessLogFormat: this.#accessLogFormat }),
    };
  }
}
