import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';

const Answer = v.array(v.array(v.boolean()));

/** A comment with markers in the commands to check, and the original comment. */
export type Question = { text: string; marks: readonly string[] };

const firstMark = 0xac00;

/** Marks each line that begins, with a slash and a letter, at one of the offsets: replaces the letter with a unique character. */
export const markCommands = (text: string, offsets: readonly number[]): Question => {
  const marks = offsets.map((_, n) => String.fromCharCode(firstMark + n));
  const chars = text.split('');
  offsets.forEach((offset, n) => (chars[offset + 1] = marks[n] ?? ''));
  return { text: chars.join(''), marks };
};

/** Runs cmark-gfm and html5lib in a Python process, and returns which commands of a comment are visible text. */
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
