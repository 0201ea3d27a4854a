import type { Job } from '../../../compute/client/index.ts';
import { formatJob } from '../headline.ts';

/** Confirms a rejection. */
export const renderRejection = (job: Job): string => `👎 You rejected ${formatJob(job)}. It won't run.`;
