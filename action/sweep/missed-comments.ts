import { handleComment, postReply } from '../../chatops/handle-comment.ts';
import type { BotIdentity } from '../../chatops/github/comment.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { handleMissedComment } from '../../chatops/handle-missed-comment.ts';
import { checkMissedComment } from '../../chatops/sweep/check-missed-comment.ts';
import type { ListedComment } from '../../chatops/sweep/recent-comments.ts';
import { foldAnswers, withReplyLease, toThreadPorts, type ActionPorts } from '../ports.ts';
import type { SweepAction, SweepContext } from './sweep-report.ts';

/** The time for a comment's own run to start, in milliseconds: runs queue. */
const runDelay = 300_000;

/** Answers comments whose own run is missing. @param unanswered comments without a visible answer */
export const answerMissedComments = async (
  unanswered: readonly ListedComment[],
  context: SweepContext,
): Promise<void> => {
  for (const comment of unanswered) {
    await context.report.run(`Comment ${comment.id}`, comment.thread, () => answerOne(comment, context));
  }
};

const answerOne = async (
  listed: ListedComment,
  { host, repository, listing, ports }: SweepContext,
): Promise<SweepAction | undefined> => {
  let action: SweepAction | undefined;
  const answerWith =
    (answer: typeof handleComment, done: SweepAction) => async (comment: IncomingComment) => {
      if (await answerAndReply(comment, answer, ports)) action = done;
    };
  const { octokit } = ports;
  await checkMissedComment(
    listed,
    { repository, installation: null, octokit },
    {
      identity: getBotIdentity(host, ports),
      thread: ({ thread }) => ({
        hasReacted: (comment) => ports.at(thread).hasReacted(comment),
        findReply: async ({ id }) => listing.findReplyTo(id),
      }),
      handle: answerWith(handleComment, 'answered'),
      handleMissed: answerWith(handleMissedComment, 'too late'),
      grace: runDelay,
    },
  );
  return action;
};

/** With a user's token, the sweep also answers that user's commands. It ignores comments of workflows: GitHub starts no run for them. */
const getBotIdentity = (host: string, { identity }: ActionPorts): BotIdentity => ({
  app: null,
  host,
  isOwn: async (comment) => comment.user?.type === 'Bot' && (await identity.isOwn(comment)),
});

const answerAndReply = async (
  comment: IncomingComment,
  answer: typeof handleComment,
  ports: ActionPorts,
): Promise<boolean> => {
  const here = toThreadPorts(comment.thread, ports);
  const result = await answer(comment, here);
  if (!result) return false;
  await withReplyLease(comment, comment.comment.id, here, (leased) => postReply(comment, result, leased));
  await foldAnswers(comment, result, here);
  return true;
};
