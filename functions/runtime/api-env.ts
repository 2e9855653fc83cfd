import * as z from "zod";
import { NonEmpty, readEnv } from "./env.ts";

/** What a function needs to call our own API as itself: where it is, and the credentials that Lambda gave it. */
export function apiEnv() {
  const { API_URL, AWS_REGION, ...keys } = readEnv({
    API_URL: z.url(),
    AWS_REGION: NonEmpty,
    AWS_ACCESS_KEY_ID: NonEmpty,
    AWS_SECRET_ACCESS_KEY: NonEmpty,
    AWS_SESSION_TOKEN: NonEmpty,
  });
  const credentials = {
    accessKeyId: keys.AWS_ACCESS_KEY_ID,
    secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
    sessionToken: keys.AWS_SESSION_TOKEN,
  };
  return { API_URL, AWS_REGION, credentials };
}
