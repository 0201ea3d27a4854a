export { cancelJob, type Cancellation } from './cancel.ts';
export { jobId, type JobKey } from './id.ts';
export { jobRequest, queuedJob, type JobRequest, type StartOrder } from './request.ts';
export { shortForm } from './shown.ts';
