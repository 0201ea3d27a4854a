import { mayHoldCommand } from '../../chatops/command/index.ts';
import { ask, ownerAndName, statusOf, type Octokit } from '../../chatops/github/octokit.ts';
import { WriteRefused, type Repository, type Thread } from '../../chatops/github/port.ts';
import type { Logger } from '../../runtime/log.ts';
import { Issue, type Us } from '../../chatops/github/comment.ts';
import { heardComment, type HeardComment } from '../server/comment.ts';
import { oldMilliseconds } from '../server/hearing.ts';
import type { ListedComment } from './recent-comments.ts';

/** A repository, and the installation that lets us in. */
export type Spot = { repository: Repository; installation: number; octokit: Octokit };

export type MissedOptions = {
  us: Us;
  thread: (comment: HeardComment) => Pick<Thread, 'hasReacted' | 'findReply'>;
  /** As a webhook's comment is heard. */
  hear: (comment: HeardComment, log: Logger) => Promise<unknown>;
  /** Says that the comment came too late to be acted on. */
  answerMissed: (comment: HeardComment, log: Logger) => Promise<unknown>;
  log: Logger;
};

/** A webhook has so long to tell of a comment itself. */
const youngMilliseconds = 60_000;
/** Beyond this nobody waits for an answer. */
const forgottenMilliseconds = 86_400_000;

/** `early`: its webhook may still come. `known`: nothing is to be done. */
type Finding = 'early' | 'known' | 'heard' | 'too-old';

/**
 * Looks whether nobody has answered a comment, and sees to it: a young one is heard as if its webhook had come, an old one is
 * answered as missed. What costs a call comes last.
 * @throws the fault of a call: to be tried again
 */
export const seeTo = async (
  listed: ListedComment,
  spot: Spot,
  { us, thread, hear, answerMissed, log }: MissedOptions,
): Promise<Finding> => {
  const isEdited = listed.updated_at !== listed.created_at;
  if (isEdited || !mayHoldCommand(listed.body) || (await us.wrote(listed))) return 'known';
  const age = Date.now() - Date.parse(listed.created_at);
  if (age < youngMilliseconds) return 'early';
  if (age > forgottenMilliseconds) return 'known';
  try {
    const comment = await asHeard(listed, spot, us);
    if (!comment || (await isAnswered(comment, listed, thread(comment)))) return 'known';
    // Another program's comment gets no word unless it is carried out.
    if (age > oldMilliseconds && comment.author.kind === 'bot') return 'known';
    const where = { comment: comment.comment.id, repository: spot.repository.name, swept: true };
    await (age > oldMilliseconds ? answerMissed : hear)(comment, log.child(where));
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
): Promise<HeardComment | undefined> => {
  const issue = await issueOf(comment, repository, octokit);
  if (!issue) return undefined;
  const told = { issue, comment, repository: { id: repository.id, full_name: repository.name } };
  const heard = await heardComment({ ...told, installation: { id: installation } }, { kind: 'created' }, us);
  return typeof heard === 'string' ? undefined : heard;
};

const issueOf = async (comment: ListedComment, repository: Repository, octokit: Octokit) => {
  const number = Number(comment.issue_url.split('/').at(-1));
  try {
    const where = { ...ownerAndName(repository.name), issue_number: number };
    return await ask(octokit, Issue, 'GET /repos/{owner}/{repo}/issues/{issue_number}', where);
  } catch (error) {
    const status = statusOf(error);
    if (status === 404 || status === 410) return undefined;
    throw error;
  }
};

const isAnswered = async (
  { comment }: HeardComment,
  { reactions }: ListedComment,
  thread: Pick<Thread, 'hasReacted' | 'findReply'>,
): Promise<boolean> => {
  if (reactions?.total_count !== 0 && (await thread.hasReacted(comment.id))) return true;
  return (await thread.findReply(comment)) !== undefined;
};
