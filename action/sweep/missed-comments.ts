import { converse, reply } from '../../chatops/handle-comment.ts';
import type { Us } from '../../chatops/github/comment.ts';
import type { IncomingComment } from '../../chatops/github/ports.ts';
import { answerMissed } from '../../chatops/handle-missed-comment.ts';
import { seeTo } from '../../chatops/sweep/check-missed-comment.ts';
import { threadNumberOf, type ListedComment } from '../../chatops/sweep/recent-comments.ts';
import { alone, onThread, type Ports } from '../ports.ts';
import type { Swept } from './sweep-context.ts';
import type { Deed } from './sweep-report.ts';

/** A comment's own run has so long to begin, in milliseconds: runs queue. */
const grace = 300_000;

/** Answers the comments whose own run never came. @param unanswered those that nobody is seen to have answered */
export const answerMissedComments = async (
  unanswered: readonly ListedComment[],
  swept: Swept,
): Promise<void> => {
  for (const comment of unanswered) {
    await swept.tally.of(`Comment ${comment.id}`, threadNumberOf(comment), () => answerOne(comment, swept));
  }
};

const answerOne = async (
  listed: ListedComment,
  { host, repository, listing, ports }: Swept,
): Promise<Deed | undefined> => {
  let deed: Deed | undefined;
  const by = (answer: typeof converse, done: Deed) => async (comment: IncomingComment) => {
    if (await answered(comment, answer, ports)) deed = done;
  };
  const { octokit } = ports;
  await seeTo(
    listed,
    { repository, installation: null, octokit },
    {
      us: usOf(host, ports),
      thread: ({ thread }) => ({
        hasReacted: (comment) => ports.at(thread).hasReacted(comment),
        findReply: async ({ id }) => listing.replyTo(id),
      }),
      hear: by(converse, 'answered'),
      answerMissed: by(answerMissed, 'too late'),
      grace,
    },
  );
  return deed;
};

/** By a person's token that person's commands are answered too; but GitHub starts no run for what a workflow writes. */
const usOf = (host: string, { identity }: Ports): Us => ({
  app: null,
  host,
  wrote: async (comment) => comment.user?.type === 'Bot' && (await identity.wrote(comment)),
});

const answered = async (
  comment: IncomingComment,
  answer: typeof converse,
  ports: Ports,
): Promise<boolean> => {
  const here = onThread(comment.thread, ports);
  const turn = await answer(comment, here);
  if (turn) await alone(comment, comment.comment.id, here, (held) => reply(comment, turn, held));
  return turn !== undefined;
};
