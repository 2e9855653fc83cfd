/** A request as it came over the wire, with its body read. */
export interface HttpRequest {
  readonly method: string;
  /** Percent-encoded, as sent. */
  readonly rawPath: string;
  /** Without the question mark. */
  readonly rawQueryString: string;
  /** Lower-case names; repeated headers joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** Whose tokens a route takes. */
export interface JwtConfiguration {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** A route of the API with what it leads to. */
export interface ApiRoute {
  /** `GET /clusters/{name}`, `ANY /chat/{proxy+}` or `$default`. */
  readonly routeKey: string;
  readonly authorizationType: "NONE" | "AWS_IAM" | "JWT";
  /** Of a route of type JWT. */
  readonly jwt?: JwtConfiguration;
  readonly functionArn: string;
  /** Milliseconds; 30,000 is both the default and the most that HTTP APIs allow. */
  readonly timeoutMs: number;
}

export interface HttpApiConfiguration {
  readonly apiId: string;
  readonly routes: readonly ApiRoute[];
  /** What each route takes: so many requests at once, and so many more a second. */
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
  /** The lines that its stage writes of each request: their format, and the group that they go to. */
  readonly accessLog?: { readonly format: string; readonly group: string; readonly arn: string };
}

/** The error bodies of API Gateway itself: one `message`, as JSON. */
export function messageResponse(statusCode: number, message: string): HttpResponse {
  return jsonResponse(statusCode, { message });
}

export function jsonResponse(statusCode: number, value: unknown): HttpResponse {
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    cookies: [],
    body: Buffer.from(JSON.stringify(value)),
  };
}
