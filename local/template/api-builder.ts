import type { ApiRoute, HttpApiConfiguration } from "../httpapi/model.ts";

interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

/** Collects the parts of an HTTP API, which the template declares one by one. */
export class ApiBuilder {
  /** Where the API is served, which is what `ApiEndpoint` means. */
  readonly endpoint: string;
  readonly #integrations = new Map<string, Integration>();
  readonly #routes: {
    readonly routeKey: string;
    readonly authorizationType: ApiRoute["authorizationType"];
    readonly integrationId: string;
  }[] = [];
  #apiId: string | undefined;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Throws on a second API: one address serves one. */
  putApi(apiId: string): void {
    if (this.#apiId !== undefined) throw new Error("The local cloud serves one HTTP API, and the template has several");
    this.#apiId = apiId;
  }

  putIntegration(integrationId: string, integration: Integration): void {
    this.#integrations.set(integrationId, integration);
  }

  putRoute(routeKey: string, authorizationType: ApiRoute["authorizationType"], integrationId: string): void {
    this.#routes.push({ routeKey, authorizationType, integrationId });
  }

  /** The whole API; undefined when the template has none. Throws on a route without integration. */
  build(): HttpApiConfiguration | undefined {
    if (this.#apiId === undefined) return undefined;
    const routes = this.#routes.map(({ routeKey, authorizationType, integrationId }) => {
      const integration = this.#integrations.get(integrationId);
      if (!integration) throw new Error(`The route ${routeKey} has no integration ${integrationId}`);
      return { routeKey, authorizationType, ...integration };
    });
    return { apiId: this.#apiId, routes };
  }
}
