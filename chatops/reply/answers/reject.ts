import type { Job } from '../../../compute/client/index.ts';
import { formatJob } from '../headline.ts';

/** A request that was rejected. */
export const renderRejection = (job: Job): string => `👎 You rejected ${formatJob(job)}. It won't run.`;
