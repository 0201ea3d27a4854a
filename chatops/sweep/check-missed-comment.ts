import { mayContainCommand } from '../command/index.ts';
import { toIncomingComment, WebhookIssue, type BotIdentity } from '../github/comment.ts';
import { request, toOwnerAndRepo, getStatus, type Octokit } from '../github/api-client.ts';
import { WriteRefusedError, type Thread } from '../github/ports.ts';
import { type IncomingComment, maxCommandAgeMilliseconds, type Repository } from '../incoming-comment.ts';
import { getThreadNumber, type ListedComment } from './recent-comments.ts';

/** A repository, and what lets us in: as an app, an installation. */
export type SweepTarget = { repository: Repository; installation: number | null; octokit: Octokit };

export type MissedCommentOptions = {
  us: BotIdentity;
  thread: (comment: IncomingComment) => Pick<Thread, 'hasReacted' | 'findReply'>;
  /** Answers a comment as if it had just been told. */
  handle: (comment: IncomingComment) => Promise<unknown>;
  /** Says that a comment came too late to be acted on. */
  handleMissed: (comment: IncomingComment) => Promise<unknown>;
  /** How long the comment's own event has to tell of it, in milliseconds. */
  grace: number;
};

/** Beyond this nobody waits for an answer. */
const maxMissedAgeMilliseconds = 86_400_000;

/** `early`: its own event may still tell of it. `known`: nothing is to be done. */
type MissedCommentAssessment = 'early' | 'known' | 'heard' | 'too-old';

/**
 * Looks whether nobody has answered a comment, and sees to it: a young one is heard as if it had just been told, an old one is
 * answered as missed. What costs a call comes last.
 * @throws the fault of a call: to be tried again
 */
export const checkMissedComment = async (
  listed: ListedComment,
  spot: SweepTarget,
  { us, thread, handle: hear, handleMissed: answerMissed, grace }: MissedCommentOptions,
): Promise<MissedCommentAssessment> => {
  const isEdited = listed.updated_at !== listed.created_at;
  if (isEdited || !mayContainCommand(listed.body) || (await us.isOwn(listed))) return 'known';
  const age = Date.now() - Date.parse(listed.created_at);
  if (age < grace) return 'early';
  if (age > maxMissedAgeMilliseconds) return 'known';
  try {
    const comment = await loadIncomingComment(listed, spot, us);
    if (!comment || (await isAnswered(comment, listed, thread(comment)))) return 'known';
    // Another program's comment gets no word unless it is carried out.
    if (age > maxCommandAgeMilliseconds && comment.author.kind === 'bot') return 'known';
    await (age > maxCommandAgeMilliseconds ? answerMissed : hear)(comment);
    return age > maxCommandAgeMilliseconds ? 'too-old' : 'heard';
  } catch (error) {
    if (error instanceof WriteRefusedError) return 'known';
    throw error;
  }
};

/** Undefined: nobody listens to it, or its thread is gone. */
const loadIncomingComment = async (
  comment: ListedComment,
  { repository, installation, octokit }: SweepTarget,
  us: BotIdentity,
): Promise<IncomingComment | undefined> => {
  const issue = await fetchIssue(comment, repository, octokit);
  if (!issue) return undefined;
  const told = { issue, comment, repository: { id: repository.id, full_name: repository.name } };
  const heard = await toIncomingComment(told, { kind: 'created' }, us);
  return typeof heard === 'string' ? undefined : { ...heard, installation };
};

const fetchIssue = async (comment: ListedComment, repository: Repository, octokit: Octokit) => {
  const where = { ...toOwnerAndRepo(repository.name), issue_number: getThreadNumber(comment) };
  try {
    return await request(octokit, WebhookIssue, 'GET /repos/{owner}/{repo}/issues/{issue_number}', where);
  } catch (error) {
    const status = getStatus(error);
    if (status === 404 || status === 410) return undefined;
    throw error;
  }
};

const isAnswered = async (
  { comment }: IncomingComment,
  { reactions }: ListedComment,
  thread: Pick<Thread, 'hasReacted' | 'findReply'>,
): Promise<boolean> => {
  if (reactions?.total_count !== 0 && (await thread.hasReacted(comment.id))) return true;
  return (await thread.findReply(comment)) !== undefined;
};
