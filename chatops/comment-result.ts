import type { AuditEntry } from './audit.ts';
import type { CommandContext, SelectedCommand } from './command-context.ts';
import type { CommandOutcome } from './command-outcome.ts';
import type { CommandName } from './command/index.ts';
import type { Reaction } from './github/ports.ts';
import { formatShortCommand } from './job/index.ts';
import {
  fingerprint,
  type ReadingAnswers,
  type ReplyExplanations,
  type ReplyMarker,
  type ReplySection,
} from './reply/render-reply.ts';
import { toScope } from './incoming-comment.ts';

/** The result of a comment: what to reply to it. */
export type CommentResult = {
  reaction: Reaction;
  /** A section of the reply for each command; none if the reaction suffices. */
  sections: ReplySection[];
  /** The comment was edited. The reply keeps its sections for commands that the comment contained before. */
  edited: boolean;
  /** What is explained to the author once per thread and day: a missing permission, or a thread without commands. */
  explained: ReplyExplanations;
  /** The answers that a newer answer about the same folds; undefined if there are none. */
  reads?: ReadingAnswers | undefined;
  /** The author cannot run, approve or lock anything. */
  toReader: boolean;
  /** Whether there is something that only this call writes: a text, or a job that it started. */
  news: boolean;
  /** Jobs of earlier comments that this comment resumed or ended; undefined if that happened in an earlier delivery and is unknown. */
  moves: readonly string[] | undefined;
};

/** A command and its outcome. */
export type ProcessedCommand = readonly [command: SelectedCommand, outcome: CommandOutcome];

/** Records the outcome of commands in the audit. */
export const recordOutcome = (
  context: CommandContext,
  commands: readonly SelectedCommand[],
  outcome: CommandOutcome,
): void => {
  for (const command of commands) context.ports.audit.record(toAuditEntry(command, outcome, context));
};

const toAuditEntry = (
  { item }: SelectedCommand,
  { allowed, reason, outcome, request, job }: CommandOutcome,
  { comment, policyCommit }: CommandContext,
): AuditEntry => ({
  v: 1,
  at: new Date().toISOString(),
  who: comment.author,
  what: item.kind === 'command' ? formatShortCommand(item.command) : item.heading,
  where: { host: comment.host, thread: comment.thread, comment: comment.comment.id },
  allowed,
  reason,
  request: request ?? null,
  policy: policyCommit,
  job: job ?? null,
  outcome,
});

/** Returns the result of a comment from the outcomes of its commands. */
export const buildCommentResult = async (
  context: CommandContext,
  processed: readonly ProcessedCommand[],
): Promise<CommentResult> => {
  const { comment } = context;
  const sections = processed.map(([{ item, index }, { says }]): ReplySection => ({
    ...says,
    key: item.key,
    index,
  }));
  const toReader = await context.isReader();
  const explained = getExplanations(processed, toReader, context);
  const isRepeated = await wasExplainedToday(explained, context);
  return {
    reaction: sections.some(({ kind }) => kind === 'refusal') ? 'confused' : 'eyes',
    sections: isRepeated ? [] : sections,
    edited: comment.event.kind === 'edited',
    explained,
    reads: getReads(processed, comment.author.id),
    toReader,
    news:
      !isRepeated && processed.some(([, { says, outcome }]) => says.kind !== 'job' || outcome !== 'known'),
    moves: listMovedJobs(processed),
  };
};

/** The commands whose answers are only read, and are out of date when the same is answered again. */
const readingCommands: readonly CommandName[] = ['status', 'logs', 'help', 'tasks', 'locks', 'explain'];

/** Returns what the answers to reading commands are about: the command, and the job or the explained command. */
const getReads = (processed: readonly ProcessedCommand[], by: number): ReadingAnswers | undefined => {
  const what = processed.flatMap(([{ item }, { says, job }]): [string, string][] => {
    const name = item.kind === 'command' && says.kind === 'answer' ? item.command.name : undefined;
    if (name === undefined || !readingCommands.includes(name)) return [];
    const subject = name === 'explain' ? item.key : job;
    return [[item.key, subject === undefined ? name : `${name} ${subject}`]];
  });
  return what.length === 0 ? undefined : { by, what: Object.fromEntries(what) };
};

const listMovedJobs = (processed: readonly ProcessedCommand[]): CommentResult['moves'] =>
  processed.some(([, { says, outcome }]) => says.kind === 'answer' && outcome === 'known')
    ? undefined
    : processed.flatMap(([, { moves = [] }]) => moves);

/** Returns what is explained to the author once per day. */
const getExplanations = (
  processed: readonly ProcessedCommand[],
  toReader: boolean,
  { comment: { author } }: CommandContext,
): ReplyExplanations => {
  const [explains, ...others] = new Set(processed.map(([, outcome]) => outcome.explains));
  const explained: ReplyExplanations =
    explains !== undefined && others.length === 0 ? { [explains]: author.id } : {};
  const texts = processed.flatMap(([, { says }]) => (says.kind === 'job' ? [] : [says.markdown]));
  if (!toReader || texts.length < processed.length) return explained;
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

const dayMilliseconds = 86_400_000;

/** Returns whether another reply in this thread gave the author the same explanation within the last day. */
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
  const found = await ports.thread.findOwnComment(
    since,
    (marker) => marker.comment !== comment.comment.id && isSame(marker),
  );
  return found !== undefined;
};
