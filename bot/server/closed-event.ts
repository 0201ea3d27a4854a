import * as v from 'valibot';
import { parsePayload, WebhookRepository } from '../../chatops/github/webhook-payload.ts';
import { toScope, type Repository } from '../../chatops/incoming-comment.ts';
import type { Locks } from '../../compute/client/index.ts';
import type { Logger } from '../../runtime/log.ts';

/** An issue or pull request that was closed. `closedAt`: by GitHub's clock. */
export type ClosedThread = { repository: Repository; number: number; closedAt: string };

const Thread = v.object({ number: v.number(), closed_at: v.nullish(v.string()) });

const ClosedEvent = v.object({
  issue: v.optional(Thread),
  pull_request: v.optional(Thread),
  repository: WebhookRepository,
});

/** Returns the thread that an event closed; undefined for any other event. @throws InvalidPayloadError */
export const parseClosedEvent = (name: string, payload: { action?: unknown }): ClosedThread | undefined => {
  if (payload.action !== 'closed') return undefined;
  const { issue, pull_request: pull, repository } = parsePayload(name, ClosedEvent, payload);
  const thread = issue ?? pull;
  if (!thread) return undefined;
  return {
    repository: { id: repository.id, name: repository.full_name },
    number: thread.number,
    closedAt: thread.closed_at ?? new Date().toISOString(),
  };
};

/** The maximum difference between the clocks of GitHub and the orchestrator. */
const maxClockSkewMilliseconds = 60_000;

/** Releases the locks that end with a closed thread. Returns the outcome as a word for the metric. */
export const endLocksOfThread = async (
  { repository, number, closedAt }: ClosedThread,
  { host, locks, log }: { host: string; locks: Pick<Locks, 'endWithThread'>; log: Logger },
): Promise<string> => {
  const takenBefore = new Date(Date.parse(closedAt) + maxClockSkewMilliseconds).toISOString();
  const scope = toScope({ host, thread: { repository } });
  const released = await locks.endWithThread({ scope, thread: number, takenBefore });
  if (released.length === 0) return 'no-locks';
  log.info({ repository: repository.name, locks: released }, 'ended the locks of a closed thread');
  return 'locks-ended';
};
