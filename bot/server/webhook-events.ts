import type { ServerResponse } from 'node:http';
import { createNodeMiddleware, type Probot } from 'probot';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';
import type { BotIdentity } from '../../chatops/github/comment.ts';
import { readCommentEvent, type ReceivedComment } from './comment.ts';
import { findEnvelopeProblem } from './envelope.ts';
import { webhooksPath, type WebhookRequest } from './http-server.ts';
import { InvalidPayloadError } from '../../chatops/github/webhook-payload.ts';
import { readPullRequestEvent, type ChangedPullRequest } from './pull.ts';

export type WebhookDependencies = {
  us: BotIdentity;
  /** @throws if the comment is to be delivered again */
  hear: (comment: ReceivedComment, log: Logger) => Promise<string>;
  /** Checks the policy file of a pull request that changes it. @throws if the webhook is to be delivered again */
  checkPolicy: (pull: ChangedPullRequest, log: Logger) => Promise<string>;
  /** A webhook was answered with a fault: GitHub should be asked for it again. */
  onFailed: () => void;
  metrics: Pick<BotMetrics, 'webhooks'>;
  log: Logger;
};

/** What a webhook comes to, in one word of the metric. */
type EventHandler = (
  payload: { action?: unknown },
  deps: WebhookDependencies,
  log: Logger,
) => Promise<string>;

/**
 * Probot's request handler, which answers 5xx if our handler throws. It handles new and edited comments, and pull requests with new
 * commits. Each log line has the delivery's id. The signature is checked before the body is parsed, and payloads that would crash
 * Probot are refused. Resolves with the reason of a refusal, which the caller must answer.
 */
export const createWebhookMiddleware = async (
  probot: Probot,
  deps: WebhookDependencies,
): Promise<(request: WebhookRequest, response: ServerResponse) => Promise<string | undefined>> => {
  const receive = await createNodeMiddleware(
    (app) => {
      app.onAny(async ({ id, name, payload }) => {
        const handler = eventHandlers.get(name) ?? ignoreEvent;
        const log = deps.log.child({ delivery: id, event: name });
        const outcome = await runHandler(
          { id, name },
          () => handler(payload as { action?: unknown }, deps, log),
          deps,
        );
        deps.metrics.webhooks.inc({ event: name, outcome });
      });
    },
    { probot, webhooksPath },
  );
  return async (request, response) => {
    const signature = String(request.headers['x-hub-signature-256']);
    if (request.body === '') return 'the body is empty';
    if (!(await probot.webhooks.verify(request.body, signature)))
      return 'the signature does not match the body';
    const problem = findEnvelopeProblem(request.body);
    // Probot uses a body that was already read; by itself, it would read a body of any size.
    if (problem === undefined) await receive(request, response);
    return problem;
  };
};

const ignoreEvent: EventHandler = async () => 'ignored';

const handleCommentEvent: EventHandler = async (payload, deps, log) => {
  if (payload.action === 'deleted')
    log.info(toDeletedLogFields(payload), 'a comment was deleted: its jobs continue');
  if (payload.action !== 'created' && payload.action !== 'edited') return 'ignored';
  const comment = await readCommentEvent(payload, deps.us);
  if (typeof comment === 'string') return comment;
  const { thread, event } = comment;
  const where = { repository: thread.repository.name, thread: thread.number, comment: comment.comment.id };
  return deps.hear(comment, log.child({ ...where, action: event.kind }));
};

const handlePullRequestEvent: EventHandler = async (payload, deps, log) => {
  const pull = readPullRequestEvent(payload);
  if (!pull) return 'ignored';
  return deps.checkPolicy(pull, log.child({ repository: pull.repository.name, thread: pull.number }));
};

const eventHandlers: ReadonlyMap<string, EventHandler> = new Map([
  ['issue_comment', handleCommentEvent],
  ['pull_request', handlePullRequestEvent],
]);

const toDeletedLogFields = (payload: object): object => {
  const { comment, repository } = payload as {
    comment?: { id?: unknown };
    repository?: { full_name?: unknown };
  };
  return { comment: comment?.id, repository: repository?.full_name };
};

/** What could not be done: whatever the fault's own status is, the webhook must count as failed. */
class WebhookFailedError extends Error {
  override name = 'WebhookFailedError';
  readonly status = 500;
}

/** Probot logs what is thrown, without the delivery's id: so the message has it. */
const runHandler = async (
  { id, name: event }: { id: string; name: string },
  handle: () => Promise<string>,
  { metrics, onFailed }: WebhookDependencies,
): Promise<string> => {
  try {
    return await handle();
  } catch (cause) {
    metrics.webhooks.inc({ event, outcome: 'failed' });
    onFailed();
    throw cause instanceof InvalidPayloadError
      ? cause
      : new WebhookFailedError(`The ${event} webhook ${id} could not be taken`, { cause });
  }
};
