import { Logger } from "@aws-lambda-powertools/logger";

/** One logger a function: a line is a constant message plus fields; cluster and operation are on every line. */
export const logger = new Logger({ serviceName: "holdfast" });
