import { createNodeMiddleware, type Probot } from 'probot';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';
import { readComment, WrongPayload } from './comment.ts';
import { hear, type CommentDeps } from './conversation.ts';
import { webhooksPath } from './listener.ts';

export type WebhookDeps = CommentDeps & {
  /** Who we are: the id of our app, and the host of the GitHub it is registered at. */
  us: { app: number; host: string };
  /** A webhook was answered with a fault: GitHub should be asked for it again. */
  onFailed: () => void;
  metrics: BotMetrics;
  log: Logger;
};

/**
 * Probot's request handler: it checks the signature of the raw body, and answers 5xx where our handler throws. Of all
 * events only a new comment says anything; an edit runs nothing.
 */
export const webhookMiddleware = (
  probot: Probot,
  deps: WebhookDeps,
): ReturnType<typeof createNodeMiddleware> =>
  createNodeMiddleware(
    (app) => {
      app.onAny(({ name }) => {
        if (name !== 'issue_comment') deps.metrics.webhooks.inc({ event: name, outcome: 'ignored' });
      });
      app.on('issue_comment', async ({ name, payload }) => {
        const outcome = payload.action === 'created' ? await outcomeOf(payload, deps) : 'ignored';
        deps.metrics.webhooks.inc({ event: name, outcome });
      });
    },
    { probot, webhooksPath },
  );

/** A comment whose jobs are not all started: whatever the fault's own status is, the webhook must count as failed. */
class NotTaken extends Error {
  override name = 'NotTaken';
  readonly status = 500;
}

const outcomeOf = async (payload: unknown, deps: WebhookDeps): Promise<string> => {
  try {
    const comment = readComment(payload, deps.us);
    return typeof comment === 'string' ? comment : await hear(comment, deps);
  } catch (cause) {
    deps.metrics.webhooks.inc({ event: 'issue_comment', outcome: 'failed' });
    deps.onFailed();
    throw cause instanceof WrongPayload ? cause : new NotTaken('The comment could not be taken', { cause });
  }
};
