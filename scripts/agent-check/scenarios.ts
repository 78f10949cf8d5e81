import type { Scenario } from "./scenario.ts";
import { cancel } from "./scenarios/cancel.ts";
import { drain } from "./scenarios/drain.ts";
import { idle } from "./scenarios/idle.ts";
import { lease } from "./scenarios/lease.ts";
import { lostAnswer } from "./scenarios/lost-answer.ts";
import { lostLease } from "./scenarios/lost-lease.ts";
import { race } from "./scenarios/race.ts";
import { restart } from "./scenarios/restart.ts";
import { revoked } from "./scenarios/revoked.ts";
import { task } from "./scenarios/task.ts";

/** In the order of the report. The others rest on the first. */
export const scenarios: readonly Scenario[] = [
  task,
  lease,
  race,
  lostLease,
  cancel,
  lostAnswer,
  restart,
  revoked,
  idle,
  drain,
];
