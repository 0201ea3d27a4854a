import { mayHoldCommand } from '../command/index.ts';
import { heardComment, Issue, type Us } from '../github/comment.ts';
import { ask, ownerAndName, statusOf, type Octokit } from '../github/api-client.ts';
import { WriteRefused, type IncomingComment, type Repository, type Thread } from '../github/ports.ts';
import { oldMilliseconds } from '../late.ts';
import { threadNumberOf, type ListedComment } from './recent-comments.ts';

/** A repository, and what lets us in: as an app, an installation. */
export type Spot = { repository: Repository; installation: number | null; octokit: Octokit };

export type MissedOptions = {
  us: Us;
  thread: (comment: IncomingComment) => Pick<Thread, 'hasReacted' | 'findReply'>;
  /** Answers a comment as if it had just been told. */
  hear: (comment: IncomingComment) => Promise<unknown>;
  /** Says that a comment came too late to be acted on. */
  answerMissed: (comment: IncomingComment) => Promise<unknown>;
  /** How long the comment's own event has to tell of it, in milliseconds. */
  grace: number;
};

/** Beyond this nobody waits for an answer. */
const forgottenMilliseconds = 86_400_000;

/** `early`: its own event may still tell of it. `known`: nothing is to be done. */
type Finding = 'early' | 'known' | 'heard' | 'too-old';

/**
 * Looks whether nobody has answered a comment, and sees to it: a young one is heard as if it had just been told, an old one is
 * answered as missed. What costs a call comes last.
 * @throws the fault of a call: to be tried again
 */
export const seeTo = async (
  listed: ListedComment,
  spot: Spot,
  { us, thread, hear, answerMissed, grace }: MissedOptions,
): Promise<Finding> => {
  const isEdited = listed.updated_at !== listed.created_at;
  if (isEdited || !mayHoldCommand(listed.body) || (await us.wrote(listed))) return 'known';
  const age = Date.now() - Date.parse(listed.created_at);
  if (age < grace) return 'early';
  if (age > forgottenMilliseconds) return 'known';
  try {
    const comment = await asHeard(listed, spot, us);
    if (!comment || (await isAnswered(comment, listed, thread(comment)))) return 'known';
    // Another program's comment gets no word unless it is carried out.
    if (age > oldMilliseconds && comment.author.kind === 'bot') return 'known';
    await (age > oldMilliseconds ? answerMissed : hear)(comment);
    return age > oldMilliseconds ? 'too-old' : 'heard';
  } catch (error) {
    if (error instanceof WriteRefused) return 'known';
    throw error;
  }
};

/** Undefined: nobody listens to it, or its thread is gone. */
const asHeard = async (
  comment: ListedComment,
  { repository, installation, octokit }: Spot,
  us: Us,
): Promise<IncomingComment | undefined> => {
  const issue = await issueOf(comment, repository, octokit);
  if (!issue) return undefined;
  const told = { issue, comment, repository: { id: repository.id, full_name: repository.name } };
  const heard = await heardComment(told, { kind: 'created' }, us);
  return typeof heard === 'string' ? undefined : { ...heard, installation };
};

const issueOf = async (comment: ListedComment, repository: Repository, octokit: Octokit) => {
  const where = { ...ownerAndName(repository.name), issue_number: threadNumberOf(comment) };
  try {
    return await ask(octokit, Issue, 'GET /repos/{owner}/{repo}/issues/{issue_number}', where);
  } catch (error) {
    const status = statusOf(error);
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
