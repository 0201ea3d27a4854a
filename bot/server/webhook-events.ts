import type { ServerResponse } from 'node:http';
import { createNodeMiddleware, type Probot } from 'probot';
import * as v from 'valibot';
import {
  isAffiliated,
  isNewOrEdited,
  parseCommentEvent,
  type BotIdentity,
  type IgnoredReason,
} from '../../chatops/github/comment.ts';
import {
  InvalidPayloadError,
  parsePayload,
  WebhookRepository,
} from '../../chatops/github/webhook-payload.ts';
import type { IncomingComment, Repository } from '../../chatops/incoming-comment.ts';
import type { CommentKind } from '../../contracts/comment-id.ts';
import { isTooDeep } from '../../runtime/json-depth.ts';
import type { Logger } from '../../runtime/log.ts';
import type { subscribedEvents } from '../install/manifest.ts';
import type { BotMetrics } from '../metrics.ts';
import { parseClosedEvent, type ClosedThread } from './closed-event.ts';
import { webhooksPath, type WebhookRequest } from './http-server.ts';

/** A comment on a thread where our app is installed. */
export type ReceivedComment = IncomingComment & { installation: number };

/** A pull request with new commits. */
export type ChangedPullRequest = {
  repository: Repository;
  number: number;
  head: string;
  installation: number;
  /** The id of its author; 0 if the account was deleted. */
  author: number;
  /** GitHub shows the author as belonging to the repository. */
  isAffiliated: boolean;
};

export type WebhookDependencies = {
  identity: BotIdentity;
  /** @throws if GitHub must deliver the comment again */
  handleComment: (comment: ReceivedComment, log: Logger) => Promise<string>;
  /** Checks the policy file of a pull request that changes it. @throws if GitHub must deliver the webhook again */
  checkPolicy: (pull: ChangedPullRequest, log: Logger) => Promise<string>;
  /** Releases the locks that end with a thread. @throws if GitHub must deliver the webhook again */
  endLocks: (thread: ClosedThread, log: Logger) => Promise<string>;
  /** Called when a webhook was answered with an error, so that it must be requested again. */
  onFailed: () => void;
  metrics: Pick<BotMetrics, 'webhooks'>;
  log: Logger;
};

/** Handles an event. Returns the outcome as a word for the metric. */
type EventHandler = (
  payload: { action?: unknown },
  dependencies: WebhookDependencies,
  log: Logger,
) => Promise<string>;

/**
 * Returns Probot's request handler, which answers 5xx if our handler throws. It handles new and edited comments, review comments
 * and reviews, pull requests with new commits, and closed threads. Each log line has the delivery's id. The signature is checked
 * before the body is parsed, and payloads that would crash Probot are refused. The handler resolves with the reason of a refusal,
 * which the caller must answer.
 */
export const createWebhookMiddleware = async (
  probot: Probot,
  dependencies: WebhookDependencies,
): Promise<(request: WebhookRequest, response: ServerResponse) => Promise<string | undefined>> => {
  const receive = await createNodeMiddleware(
    (app) => {
      app.onAny(async ({ id, name, payload }) => {
        const handler = eventHandlers.get(name) ?? ignoreEvent;
        const log = dependencies.log.child({ delivery: id, event: name });
        const outcome = await runHandler(
          { id, name },
          () => handler(payload as { action?: unknown }, dependencies, log),
          dependencies,
        );
        dependencies.metrics.webhooks.inc({ event: name, outcome });
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

/** The fields of a payload that Probot uses before any handler: the action, for the event's name, and the installation. */
const Envelope = v.pipe(
  v.string(),
  // An object schema also accepts arrays.
  v.regex(/^\s*\{/, 'expected a JSON object'),
  v.check((text) => !isTooDeep(text), 'nested too deeply'),
  v.parseJson(),
  v.object({
    action: v.optional(v.string()),
    installation: v.optional(v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
  }),
);

/** Returns the problem of a signed payload's form; undefined if Probot can process it. */
export const findEnvelopeProblem = (body: string): string | undefined => {
  const parsed = v.safeParse(Envelope, body, { abortPipeEarly: true });
  if (parsed.success) return undefined;
  const [issue] = parsed.issues;
  return `the payload is not valid at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}`;
};

/**
 * Runs a handler. An error of it gets the delivery's id, because Probot logs the error without it, and the status 500, because the
 * webhook must count as failed, whatever the status of the cause is.
 */
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
      : new WebhookFailedError(`The ${event} webhook ${id} could not be processed`, { cause });
  }
};

class WebhookFailedError extends Error {
  override name = 'WebhookFailedError';
  readonly status = 500;
}

const ignoreEvent: EventHandler = async () => 'ignored';

const createCommentEventHandler =
  (kind: CommentKind): EventHandler =>
  async (payload, { identity, handleComment }, log) => {
    if (payload.action === 'deleted')
      log.info(toDeletedLogFields(payload), 'a comment was deleted: its jobs continue');
    if (!isNewOrEdited(payload.action)) return 'ignored';
    const comment = requireInstallation(await parseCommentEvent(kind, payload, identity));
    if (typeof comment === 'string') return comment;
    const { thread, event } = comment;
    const where = { repository: thread.repository.name, thread: thread.number, comment: comment.comment.id };
    return handleComment(comment, log.child({ ...where, action: event.kind }));
  };

/** Without an installation, we could not reply. */
const requireInstallation = (
  comment: IncomingComment | IgnoredReason,
): ReceivedComment | IgnoredReason | 'no-installation' => {
  if (typeof comment === 'string') return comment;
  const { installation } = comment;
  return installation === null ? 'no-installation' : { ...comment, installation };
};

const toDeletedLogFields = (payload: object): object => {
  const { comment, repository } = payload as {
    comment?: { id?: unknown };
    repository?: { full_name?: unknown };
  };
  return { comment: comment?.id, repository: repository?.full_name };
};

const handleIssueEvent: EventHandler = async (payload, { endLocks }, log) => {
  const closed = parseClosedEvent('issues', payload);
  return closed ? endLocks(closed, log.child({ thread: closed.number })) : 'ignored';
};

const handlePullRequestEvent: EventHandler = async (payload, { checkPolicy, endLocks }, log) => {
  const closed = parseClosedEvent('pull_request', payload);
  if (closed) return endLocks(closed, log.child({ thread: closed.number }));
  const pull = parsePullRequestEvent(payload);
  if (!pull) return 'ignored';
  return checkPolicy(pull, log.child({ repository: pull.repository.name, thread: pull.number }));
};

const PullRequestEvent = v.object({
  number: v.number(),
  pull_request: v.object({
    head: v.object({ sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40,64}$/)) }),
    user: v.nullish(v.object({ id: v.number() })),
    author_association: v.optional(v.string()),
  }),
  repository: WebhookRepository,
  installation: v.optional(v.object({ id: v.number() })),
});

/** The actions that bring new commits. */
const pullRequestActions: readonly unknown[] = ['opened', 'synchronize', 'reopened'];

/** Returns the pull request in a payload; undefined if it has no new commits, or the app is not installed. @throws InvalidPayloadError */
const parsePullRequestEvent = (payload: { action?: unknown }): ChangedPullRequest | undefined => {
  if (!pullRequestActions.includes(payload.action)) return undefined;
  const parsed = parsePayload('pull_request', PullRequestEvent, payload);
  const { number, pull_request: pull, repository, installation } = parsed;
  if (!installation) return undefined;
  return {
    repository: { id: repository.id, name: repository.full_name },
    number,
    head: pull.head.sha,
    installation: installation.id,
    author: pull.user?.id ?? 0,
    isAffiliated: isAffiliated(pull),
  };
};

const eventHandlers: ReadonlyMap<string, EventHandler> = new Map(
  Object.entries({
    issue_comment: createCommentEventHandler('issue_comment'),
    issues: handleIssueEvent,
    pull_request: handlePullRequestEvent,
    pull_request_review: createCommentEventHandler('pull_request_review'),
    pull_request_review_comment: createCommentEventHandler('pull_request_review_comment'),
  } satisfies Record<(typeof subscribedEvents)[number], EventHandler>),
);
