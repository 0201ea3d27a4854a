import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { findJob } from '../jobs/find-job.ts';
import { toShortId } from '../../contracts/ids.ts';
import { withOrchestrator, type ConnectionOptions } from '../orchestrator/connect.ts';
import { printJson } from '../print.ts';

export type CancelOptions = ConnectionOptions & { json?: true };

/** Named in the reply as the one who canceled: a key identifies no person. */
const by = 'the command line';

/** `coxswain cancel JOB`: cancels a job. One that has ended is left as it is. */
export const cancelJob = (text: string, options: CancelOptions): Promise<number> =>
  withOrchestrator(options, async ({ jobs }) => {
    const { id } = await findJob(jobs, text);
    const outcome = await jobs.cancel(id, by);
    if (outcome === 'not-found') throw new CliError('notFound', `The job ${id} no longer exists.`);
    if (options.json) printJson({ v: 1, id, outcome });
    else
      console.log(
        outcome === 'ended'
          ? `The job ${toShortId(id)} had already ended.`
          : `The job ${toShortId(id)} is being canceled.`,
      );
    return exitCodes.ok;
  });
