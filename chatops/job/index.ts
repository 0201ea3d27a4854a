export { cancelJob, type Cancellation } from './cancel.ts';
export { jobId, type JobKey } from './id.ts';
export { jobRequest, queuedJob, type JobRequest, type Order, type StartIntent } from './request.ts';
export { shortForm } from './shown.ts';
