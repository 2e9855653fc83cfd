import * as z from "zod";
import { type HttpResponse, jsonResponse, messageResponse } from "./model.ts";

const FunctionResponse = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/**
 * What a function returned, as HTTP: with `statusCode` it is the response, without it is sent as JSON with status 200
 * (docs/references/aws.md#http-api). A response that does not fit is an Internal Server Error.
 */
export function toHttpResponse(payload: string): HttpResponse {
  const value: unknown = JSON.parse(payload);
  if (typeof value !== "object" || value === null || !("statusCode" in value))
    return typeof value === "string"
      ? { ...jsonResponse(200, null), body: Buffer.from(value) }
      : jsonResponse(200, value);
  const parsed = FunctionResponse.safeParse(value);
  if (!parsed.success) return messageResponse(500, "Internal Server Error");
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = parsed.data;
  const named = Object.entries(headers).map(([name, header]) => [name.toLowerCase(), String(header)]);
  return {
    statusCode,
    headers: { "content-type": "text/plain;charset=UTF-8", ...Object.fromEntries(named) },
    cookies,
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}
