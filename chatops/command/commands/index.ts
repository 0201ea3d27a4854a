import type { CommandName } from '../command.ts';
import { cancel } from './cancel.ts';
import { compute } from './compute.ts';
import { help } from './help.ts';
import { run } from './run.ts';
import type { Spec } from './spec.ts';
import { tasks } from './tasks.ts';

/** Every command, with all that is said and known of it. */
export const specs: Record<CommandName, Spec> = { compute, run, cancel, help, tasks };
