import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';

const Answer = v.array(v.array(v.boolean()));

/** A comment with each command that is asked about marked, and what it was before. */
export type Question = { text: string; marks: readonly string[] };

const firstMark = 0xac00;

/** Marks each line of a text that begins at one of the places, with a slash and a letter: a character of its own in place of the letter. */
export const marked = (text: string, places: readonly number[]): Question => {
  const marks = places.map((_, n) => String.fromCharCode(firstMark + n));
  const chars = text.split('');
  places.forEach((place, n) => (chars[place + 1] = marks[n] ?? ''));
  return { text: chars.join(''), marks };
};

/** cmark-gfm and html5lib, in a process of Python: tells which commands of a comment are visible text. */
export class Oracle {
  readonly #child;
  readonly #answers;

  /** @param python the interpreter of an environment that has both packages */
  constructor(python: string) {
    this.#child = spawn(python, [join(import.meta.dirname, 'oracle.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** @throws if the process has ended */
  async ask(questions: readonly Question[]): Promise<boolean[][]> {
    this.#child.stdin.write(`${JSON.stringify(questions.map(({ text, marks }) => [text, marks]))}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('The process with cmark-gfm and html5lib has ended');
    return v.parse(Answer, JSON.parse(value));
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }
}
