import { analyzeVisibility } from '../../../chatops/markdown-visibility/analyze-visibility.ts';
import { visibility } from '../../../chatops/markdown-visibility/visibility.ts';
import { generateComments } from './random-comments.ts';
import { markCommands, type Oracle } from './oracle.ts';

/** The results for the commands in random comments. */
export type Comparison = {
  /** Minimized comments with a command that we see and a browser does not show as text. */
  wrong: string[];
  /** The number of commands that both see, and of those that only the browser shows. */
  seen: number;
  refused: number;
};

/** The number of comments per query to the oracle. */
const batch = 250;
/** The maximum number of counterexamples to minimize, because that is slow. */
const maxShrunk = 5;

/** Compares our command reader alone with cmark-gfm and html5lib on a number of random comments. */
export const compareReaders = async (oracle: Oracle, seed: number, count: number): Promise<Comparison> => {
  const found: Comparison = { wrong: [], seen: 0, refused: 0 };
  const bodies = generateComments(seed);
  for (let done = 0; done < count; done += batch) {
    const size = Math.min(batch, count - done);
    const some = Array.from({ length: size }, () => readCommands(bodies.next().value));
    const answers = await oracle.ask(some.map(({ text, commands }) => markCommands(text, commands)));
    for (const [n, { text, commands, seen }] of some.entries()) {
      const shown = commands.filter((_, at) => answers[n]?.[at]);
      found.refused += shown.filter((command) => !seen.has(command)).length;
      found.seen += shown.filter((command) => seen.has(command)).length;
      if ([...seen].every((command) => shown.includes(command))) continue;
      found.wrong.push(found.wrong.length < maxShrunk ? await shrink(text, oracle) : text);
    }
  }
  return found;
};

/** Returns the offsets of lines that begin with our command, and those that we see as text. */
const readCommands = (body: string): { text: string; commands: number[]; seen: ReadonlySet<number> } => {
  const { text, marks, lines } = analyzeVisibility(body);
  const commands = [...text.matchAll(/^(?! {4})[\p{Zs}\uFEFF\u200B]*(?=\/c)/gmu)].map(
    ({ 0: { length }, index }) => index + length,
  );
  const starts = lines.map(({ start }) => start).filter((start) => marks[start] === visibility.visible);
  const seen = new Set(starts.filter((start) => commands.includes(start)));
  return { text, commands, seen };
};

/** Minimizes a text: removes smaller and smaller parts as long as the answer stays wrong. */
const shrink = async (body: string, oracle: Oracle): Promise<string> => {
  let text = body;
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= text.length;) {
      const less = text.slice(0, at) + text.slice(at + size);
      if (await isWrong(less, oracle)) text = less;
      else at += size;
    }
  }
  return text;
};

const isWrong = async (body: string, oracle: Oracle): Promise<boolean> => {
  const { text, seen } = readCommands(body);
  const [shown = []] = await oracle.ask([markCommands(text, [...seen])]);
  return shown.includes(false);
};
