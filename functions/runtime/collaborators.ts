import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";

/**
 * What a step or a use-case works with. Each file names the calls of AWS that it makes (`calls`), and takes them as `aws`: its
 * handler hands in the real ones, its test small fakes.
 */
export interface Deps<Aws = unknown, Env = unknown> {
  readonly store: Store;
  readonly aws: Aws;
  readonly clock: Clock;
  readonly env: Env;
}
