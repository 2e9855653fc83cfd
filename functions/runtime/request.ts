import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type * as z from "zod";
import { BadRequest } from "./problems.ts";

/** A spec has a few KB; anything above this is no request. */
const BODY_LIMIT = 65_536;

/** The JSON body, checked by a schema. Throws BadRequest, or zod's error that names every field. */
export const readBody = <S extends z.ZodType>(event: APIGatewayProxyEventV2, schema: S): z.output<S> => {
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : (event.body ?? "");
  if (text.length > BODY_LIMIT) throw new BadRequest(`the body has over ${BODY_LIMIT} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BadRequest("the body is not JSON");
  }
  return schema.parse(json);
};

/** A path parameter that the route declares. */
export const pathParameter = <S extends z.ZodType>(
  event: APIGatewayProxyEventV2,
  name: string,
  schema: S,
): z.output<S> => schema.parse(event.pathParameters?.[name]);
