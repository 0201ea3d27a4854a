import type { Jobs, LogChunk } from '../../compute/client/index.ts';

/** Passes on a task's log as it grows. Resolves when the job has ended and everything was read. */
export const streamLog = async (
  jobs: Jobs,
  id: string,
  onChunk: (chunk: LogChunk) => void,
): Promise<void> => {
  const { signal } = new AbortController();
  for await (const chunk of jobs.followLog(id, { signal })) onChunk(chunk);
};
