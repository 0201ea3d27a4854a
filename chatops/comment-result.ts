import type { Reaction } from './github/ports.ts';
import { fingerprint, type Explained, type Marker, type Section } from './reply/render-reply.ts';
import { scopeOf } from './scope.ts';
import type { Outcome, Turned, Visit } from './command-context.ts';

/** What is answered to a comment. */
export type Turn = {
  reaction: Reaction;
  /** A section of the reply for each command; none if the reaction says it all. */
  sections: Section[];
  /** The comment was edited: what its reply says to commands that were there before stays. */
  edited: boolean;
  /** What the author is told once a day in a thread: that it may not do this, or that commands are not taken there. */
  explained: Explained;
  /** The author cannot run, approve or lock anything. */
  toReader: boolean;
  /** Whether there is something to write that nobody else writes: a text, or a job that this very call has started. */
  news: boolean;
  /** The jobs of earlier comments that go on, or end, by it; undefined if that was done before, and is not known any more. */
  moves: readonly string[] | undefined;
};

/** A command, and what came of it. */
export type Answered = readonly [turned: Turned, outcome: Outcome];

const day = 86_400_000;

/** What is said to a comment, of what came of its commands. */
export const turnOf = async (visit: Visit, outcomes: readonly Answered[]): Promise<Turn> => {
  const { comment } = visit;
  const sections = outcomes.map(([{ item, index }, { says }]): Section => ({
    ...says,
    key: item.key,
    index,
  }));
  const toReader = await visit.isReader();
  const explained = explainedBy(outcomes, toReader, visit);
  const told = await wasToldToday(explained, visit);
  return {
    reaction: sections.some(({ kind }) => kind === 'refusal') ? 'confused' : 'eyes',
    sections: told ? [] : sections,
    edited: comment.event.kind === 'edited',
    explained,
    toReader,
    news: !told && outcomes.some(([, { says, outcome }]) => says.kind !== 'job' || outcome !== 'known'),
    moves: movedBy(outcomes),
  };
};

const movedBy = (outcomes: readonly Answered[]): Turn['moves'] =>
  outcomes.some(([, { says, outcome }]) => says.kind === 'answer' && outcome === 'known')
    ? undefined
    : outcomes.flatMap(([, { moves = [] }]) => moves);

/** Returns what the author is told once a day. */
const explainedBy = (
  outcomes: readonly Answered[],
  toReader: boolean,
  { comment: { author } }: Visit,
): Explained => {
  const [what, ...others] = new Set(outcomes.map(([, { explains }]) => explains));
  const explained: Explained = what !== undefined && others.length === 0 ? { [what]: author.id } : {};
  const texts = outcomes.flatMap(([, { says }]) => (says.kind === 'job' ? [] : [says.markdown]));
  if (!toReader || texts.length < outcomes.length) return explained;
  return { ...explained, reader: author.id, answer: fingerprint(JSON.stringify(texts)) };
};

/** Returns the fields by which two replies count as the same: a refusal is explained once, whatever the command. */
const sameness = ({ denied, notHere, reader, answer }: Explained): Explained => {
  if (denied !== undefined) return { denied };
  if (notHere !== undefined) return { notHere };
  return reader === undefined ? {} : { reader, answer };
};

/** Returns whether another reply in this thread told the author the same within the last day. */
const wasToldToday = async (explained: Explained, { comment, ports }: Visit): Promise<boolean> => {
  const same = sameness(explained);
  const fields = Object.keys(same) as (keyof Explained)[];
  if (fields.length === 0) return false;
  const key = JSON.stringify([scopeOf(comment), comment.thread.number, same]);
  if (ports.admission?.claimsAnswer(key) === false) return true;
  const since = new Date(Date.parse(comment.comment.createdAt) - day).toISOString();
  const isSame = (marker: Marker): boolean => fields.every((field) => marker[field] === same[field]);
  const found = await ports.thread.findOurs(
    since,
    (marker) => marker.comment !== comment.comment.id && isSame(marker),
  );
  return found !== undefined;
};
