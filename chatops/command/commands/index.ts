import type { CommandName } from '../command.ts';
import { approve } from './approve.ts';
import { cancel } from './cancel.ts';
import { compute } from './compute.ts';
import { createExplainSpec } from './explain.ts';
import { help } from './help.ts';
import { lock } from './lock.ts';
import { locks } from './locks.ts';
import { logs } from './logs.ts';
import { reject } from './reject.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import type { CommandSpec } from './spec.ts';
import { status } from './status.ts';
import { tasks } from './tasks.ts';
import { unlock } from './unlock.ts';

const explainableSpecs = {
  compute,
  run,
  status,
  logs,
  cancel,
  retry,
  approve,
  reject,
  locks,
  lock,
  unlock,
  tasks,
  help,
};

/** The specifications of all commands. */
export const commandSpecs: Record<CommandName, CommandSpec> = {
  ...explainableSpecs,
  explain: createExplainSpec(explainableSpecs),
};
