import { BACKUPS } from "./backups.ts";
import { CHAT } from "./chat.ts";
import { CONSOLE } from "./console.ts";
import { CREATION } from "./creation.ts";
import { ENDINGS } from "./endings.ts";
import { FLEETS } from "./fleets.ts";
import type { PermissionsFlow } from "./flow.ts";
import { MIGRATE } from "./migrate.ts";
import { MOVE } from "./move.ts";
import { REMOVAL } from "./removal.ts";
import { REPAIR } from "./repair.ts";
import { RESTORES } from "./restores.ts";

/**
 * Each list has an account of its own. In this order: the first flows make the cluster that the others work on, the
 * last ones take it away.
 */
export const ACCOUNTS: readonly (readonly PermissionsFlow[])[] = [
  [...CREATION, ...REPAIR, ...BACKUPS, ...FLEETS, ...REMOVAL],
  [...ENDINGS, ...CHAT, ...CONSOLE, ...MOVE, ...MIGRATE],
  RESTORES,
];
