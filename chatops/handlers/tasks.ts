import { answerWith } from '../command-outcome.ts';
import { formatTaskList } from '../command/index.ts';
import type { Handler } from './handler.ts';

/** `/tasks`: lists the catalogue, including definitions that are not valid. */
export const tasks: Handler<'tasks'> = async (_invocation, context) =>
  answerWith(
    formatTaskList(await context.catalogue(), await context.invalidTasks(), context.grammar),
    'shown',
  );
