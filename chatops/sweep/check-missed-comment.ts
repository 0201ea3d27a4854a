import * as v from 'valibot';
import { mayContainCommand } from '../command/index.ts';
import { toIncomingComment, WebhookIssue, type BotIdentity } from '../github/comment.ts';
import { request, toOwnerAndRepo, unlessGone, type Octokit } from '../github/api-client.ts';
import { WriteRefusedError, type Thread } from '../github/ports.ts';
import { type IncomingComment, maxCommandAgeMilliseconds, type Repository } from '../incoming-comment.ts';
import type { ListedComment } from './recent-comments.ts';

/** A repository with its client; for an app, with its installation. */
export type SweepTarget = { repository: Repository; installation: number | null; octokit: Octokit };

type MissedCommentOptions = {
  identity: BotIdentity;
  thread: (comment: IncomingComment) => Pick<Thread, 'hasReacted' | 'findReply'>;
  /** Handles a comment as if its event had just arrived. */
  handle: (comment: IncomingComment) => Promise<unknown>;
  /** Replies that a comment is too old to execute. */
  handleMissed: (comment: IncomingComment) => Promise<unknown>;
  /** How long to wait for the comment's own event, in milliseconds. */
  grace: number;
};

/** Older comments get no answer. */
const maxMissedAgeMilliseconds = 86_400_000;

/** `early`: the comment's own event may still arrive. `known`: there is nothing to do. */
type MissedCommentAssessment = 'early' | 'known' | 'heard' | 'too-old';

/**
 * Handles a comment if it has no answer: a recent one as if its event had just arrived, an old one as missed. Checks that need a call
 * come last.
 * @throws the error of a call; to be retried
 */
export const checkMissedComment = async (
  listed: ListedComment,
  target: SweepTarget,
  { identity, thread, handle, handleMissed, grace }: MissedCommentOptions,
): Promise<MissedCommentAssessment> => {
  const isEdited = listed.updated_at !== listed.created_at;
  if (isEdited || !mayContainCommand(listed.body) || (await identity.isOwn(listed))) return 'known';
  const age = Date.now() - Date.parse(listed.created_at);
  if (age < grace) return 'early';
  if (age > maxMissedAgeMilliseconds) return 'known';
  try {
    const comment = await loadIncomingComment(listed, target, identity);
    if (!comment || (await isAnswered(comment, listed, thread(comment)))) return 'known';
    if (await wasEditedAfterReview(listed, target)) return 'known';
    // Comments of other programs get a reply only if they are executed.
    if (age > maxCommandAgeMilliseconds && comment.author.kind === 'bot') return 'known';
    await (age > maxCommandAgeMilliseconds ? handleMissed : handle)(comment);
    return age > maxCommandAgeMilliseconds ? 'too-old' : 'heard';
  } catch (error) {
    if (error instanceof WriteRefusedError) return 'known';
    throw error;
  }
};

/** Loads a listed comment; undefined if it is ignored, or its thread does not exist. */
const loadIncomingComment = async (
  comment: ListedComment,
  { repository, installation, octokit }: SweepTarget,
  identity: BotIdentity,
): Promise<IncomingComment | undefined> => {
  const issue = await fetchIssue(comment, repository, octokit);
  if (!issue) return undefined;
  const payload = { issue, comment, repository: { id: repository.id, full_name: repository.name } };
  const incoming = await toIncomingComment(payload, { kind: 'created' }, identity);
  return typeof incoming === 'string' ? undefined : { ...incoming, installation };
};

const fetchIssue = async (comment: ListedComment, repository: Repository, octokit: Octokit) => {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
  const where = { ...toOwnerAndRepo(repository.name), issue_number: comment.thread };
  return unlessGone(() => request(octokit, WebhookIssue, route, where));
};

const Review = v.object({ submitted_at: v.nullish(v.string()) });

/** GitHub dates a review and its comments separately when the review is submitted, in whole seconds. */
const submissionMilliseconds = 1_000;

/**
 * Returns whether a review comment was changed after its review was submitted. GitHub does not say who changed it. False for other
 * comments.
 */
const wasEditedAfterReview = async (
  { review, thread, updated_at: changedAt }: ListedComment,
  { repository, octokit }: SweepTarget,
): Promise<boolean> => {
  if (review === null) return false;
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}';
  const where = { ...toOwnerAndRepo(repository.name), pull_number: thread, review_id: review };
  const submittedAt = await unlessGone(
    async () => (await request(octokit, Review, route, where)).submitted_at,
  );
  return !submittedAt || Date.parse(changedAt) > Date.parse(submittedAt) + submissionMilliseconds;
};

const isAnswered = async (
  { comment }: IncomingComment,
  { reactions }: ListedComment,
  thread: Pick<Thread, 'hasReacted' | 'findReply'>,
): Promise<boolean> => {
  if (reactions?.total_count !== 0 && (await thread.hasReacted(comment.id))) return true;
  return (await thread.findReply(comment)) !== undefined;
};
