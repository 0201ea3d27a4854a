import type { CatalogueTask, CommandContext } from '../command-context.ts';
import { failWith, type Refusal } from '../command-outcome.ts';
import type { Intent } from '../command/index.ts';
import { buildTaskValues, type JobDraft } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import { succeed, type Result } from '../result.ts';
import { findUnknownParameterRules } from './check-policy.ts';
import type { Handler } from './handler.ts';
import { startJob } from './start-job.ts';

/** `/run`: starts a task. */
export const run: Handler<'run'> = (invocation, context) =>
  startJob(invocation, context, () => draftTask(invocation.intent, context));

/** Returns what `/run` would run. */
export const draftTask = async (
  { taskName, parameters }: Extract<Intent, { kind: 'run' }>,
  context: CommandContext,
): Promise<Result<JobDraft, Refusal>> => {
  // The command was interpreted with the same catalogue.
  const definition = (await context.catalogue()).find((task) => task.taskName === taskName) as CatalogueTask;
  const unknown = findUnknownParameterRules(definition, context.policy);
  if (unknown.length > 0)
    return failWith(answers.renderViolations(`/run ${taskName}`, unknown), 'unknown-parameter');
  const {
    dockerImage: image,
    scriptName: script,
    digests = null,
    timeoutSeconds = null,
    runner,
  } = definition;
  return succeed({
    work: { kind: 'task', taskName, image, script, digests, runner },
    values: buildTaskValues(parameters, definition),
    timeoutSeconds,
  });
};
