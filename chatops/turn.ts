import type { Reaction } from './github/port.ts';
import type { Explained, Section } from './reply/index.ts';
import type { Outcome, Turned, Visit } from './visit.ts';

/** What is answered to a comment. */
export type Turn = {
  reaction: Reaction;
  /** A section of the reply for each command; none if the reaction says it all. */
  sections: Section[];
  /** The comment was edited: what its reply says to commands that were there before stays. */
  edited: boolean;
  /** What the author is told once a day in a thread: that it may not do this, or that commands are not taken there. */
  explained: Explained;
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
  const what = sameIn(outcomes);
  const told = what !== undefined && (await wasToldToday(what, visit));
  return {
    reaction: sections.some(({ kind }) => kind === 'refusal') ? 'confused' : 'eyes',
    sections: told ? [] : sections,
    edited: comment.event.kind === 'edited',
    explained: what === undefined ? {} : { [what]: comment.author.id },
    news: !told && outcomes.some(([, { says, outcome }]) => says.kind !== 'job' || outcome !== 'known'),
    moves: movedBy(outcomes),
  };
};

const movedBy = (outcomes: readonly Answered[]): Turn['moves'] =>
  outcomes.some(([, { says, outcome }]) => says.kind === 'answer' && outcome === 'known')
    ? undefined
    : outcomes.flatMap(([, { moves = [] }]) => moves);

/** What all that came of a comment explains, if that is one thing. */
const sameIn = (outcomes: readonly Answered[]): keyof Explained | undefined => {
  const [what, ...others] = new Set(outcomes.map(([, { explains }]) => explains));
  return others.length === 0 ? what : undefined;
};

/** Whether another reply of the last day in this thread has explained that to the author. */
const wasToldToday = async (what: keyof Explained, { comment, ports }: Visit): Promise<boolean> => {
  const since = new Date(Date.parse(comment.comment.createdAt) - day).toISOString();
  const found = await ports.thread.findOurs(
    since,
    (marker) => marker[what] === comment.author.id && marker.comment !== comment.comment.id,
  );
  return found !== undefined;
};
