import * as v from 'valibot';
import { parsePayload, WebhookRepository } from '../../chatops/github/webhook-payload.ts';
import type { Repository } from '../../chatops/incoming-comment.ts';

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
