import type { Reaction } from './github/ports.ts';
import {
  fingerprint,
  type ReplyExplanations,
  type ReplyMarker,
  type ReplySection,
} from './reply/render-reply.ts';
import { toScope } from './scope.ts';
import type { CommandOutcome, SelectedCommand, CommandContext } from './command-context.ts';

/** What is answered to a comment. */
export type CommentResult = {
  reaction: Reaction;
  /** A section of the reply for each command; none if the reaction says it all. */
  sections: ReplySection[];
  /** The comment was edited: what its reply says to commands that were there before stays. */
  edited: boolean;
  /** What the author is told once a day in a thread: that it may not do this, or that commands are not taken there. */
  explained: ReplyExplanations;
  /** The author cannot run, approve or lock anything. */
  toReader: boolean;
  /** Whether there is something to write that nobody else writes: a text, or a job that this very call has started. */
  news: boolean;
  /** The jobs of earlier comments that go on, or end, by it; undefined if that was done before, and is not known any more. */
  moves: readonly string[] | undefined;
};

/** A command, and what came of it. */
export type ProcessedCommand = readonly [turned: SelectedCommand, outcome: CommandOutcome];

const dayMilliseconds = 86_400_000;

/** What is said to a comment, of what came of its commands. */
export const buildCommentResult = async (
  visit: CommandContext,
  outcomes: readonly ProcessedCommand[],
): Promise<CommentResult> => {
  const { comment } = visit;
  const sections = outcomes.map(([{ item, index }, { says }]): ReplySection => ({
    ...says,
    key: item.key,
    index,
  }));
  const toReader = await visit.isReader();
  const explained = getExplained(outcomes, toReader, visit);
  const told = await wasExplainedToday(explained, visit);
  return {
    reaction: sections.some(({ kind }) => kind === 'refusal') ? 'confused' : 'eyes',
    sections: told ? [] : sections,
    edited: comment.event.kind === 'edited',
    explained,
    toReader,
    news: !told && outcomes.some(([, { says, outcome }]) => says.kind !== 'job' || outcome !== 'known'),
    moves: listMovedJobs(outcomes),
  };
};

const listMovedJobs = (outcomes: readonly ProcessedCommand[]): CommentResult['moves'] =>
  outcomes.some(([, { says, outcome }]) => says.kind === 'answer' && outcome === 'known')
    ? undefined
    : outcomes.flatMap(([, { moves = [] }]) => moves);

/** Returns what the author is told once a day. */
const getExplained = (
  outcomes: readonly ProcessedCommand[],
  toReader: boolean,
  { comment: { author } }: CommandContext,
): ReplyExplanations => {
  const [what, ...others] = new Set(outcomes.map(([, { explains }]) => explains));
  const explained: ReplyExplanations = what !== undefined && others.length === 0 ? { [what]: author.id } : {};
  const texts = outcomes.flatMap(([, { says }]) => (says.kind === 'job' ? [] : [says.markdown]));
  if (!toReader || texts.length < outcomes.length) return explained;
  return { ...explained, reader: author.id, answer: fingerprint(JSON.stringify(texts)) };
};

/** Returns the fields by which two replies count as the same: a refusal is explained once, whatever the command. */
const getDeduplicationFields = ({
  denied,
  notHere,
  reader,
  answer,
}: ReplyExplanations): ReplyExplanations => {
  if (denied !== undefined) return { denied };
  if (notHere !== undefined) return { notHere };
  return reader === undefined ? {} : { reader, answer };
};

/** Returns whether another reply in this thread told the author the same within the last day. */
const wasExplainedToday = async (
  explained: ReplyExplanations,
  { comment, ports }: CommandContext,
): Promise<boolean> => {
  const same = getDeduplicationFields(explained);
  const fields = Object.keys(same) as (keyof ReplyExplanations)[];
  if (fields.length === 0) return false;
  const key = JSON.stringify([toScope(comment), comment.thread.number, same]);
  if (ports.admission?.claimsAnswer(key) === false) return true;
  const since = new Date(Date.parse(comment.comment.createdAt) - dayMilliseconds).toISOString();
  const isSame = (marker: ReplyMarker): boolean => fields.every((field) => marker[field] === same[field]);
  const found = await ports.thread.findOurs(
    since,
    (marker) => marker.comment !== comment.comment.id && isSame(marker),
  );
  return found !== undefined;
};
