import * as v from 'valibot';
import { isAffiliated } from '../../chatops/github/comment.ts';
import type { Repository as RepositoryRef } from '../../chatops/incoming-comment.ts';
import { parsePayload, WebhookRepository } from '../../chatops/github/webhook-payload.ts';

const Payload = v.object({
  number: v.number(),
  pull_request: v.object({
    head: v.object({ sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40,64}$/)) }),
    user: v.nullish(v.object({ id: v.number() })),
    author_association: v.optional(v.string()),
  }),
  repository: WebhookRepository,
  installation: v.optional(v.object({ id: v.number() })),
});

/** A pull request with commits that we have not seen. */
export type ChangedPullRequest = {
  repository: RepositoryRef;
  number: number;
  head: string;
  installation: number;
  /** The id of its author; 0 if the account was deleted. */
  author: number;
  /** GitHub shows the author as belonging to the repository. */
  isAffiliated: boolean;
};

const pullRequestActions: readonly unknown[] = ['opened', 'synchronize', 'reopened'];

/** The pull request in a webhook; undefined if its commits are the same as before, or we are not installed. @throws InvalidPayloadError */
export const readPullRequestEvent = (payload: { action?: unknown }): ChangedPullRequest | undefined => {
  if (!pullRequestActions.includes(payload.action)) return undefined;
  const {
    number,
    pull_request: pull,
    repository,
    installation,
  } = parsePayload('pull_request', Payload, payload);
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
