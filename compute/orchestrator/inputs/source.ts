import { hash } from 'node:crypto';
import { isTooDeep, maxJsonDepth } from '../../../runtime/json-depth.ts';
import { rejectField, type ParseResult } from '../../../contracts/problem.ts';
import { createYielder } from '../../algorithms/yield-to-event-loop.ts';
import type { InputRange } from '../../algorithms/algorithm.ts';

/** Uploaded inputs: one JSON value per line, stored as bytes, because objects can take twenty times the memory. */
export class UploadedInputs {
  readonly body: Buffer;
  /** The start of each line, and the end of the last. */
  readonly #starts: Uint32Array;

  /** @param body lines that each end with LF */
  constructor(body: Buffer) {
    this.body = body;
    this.#starts = findLineStarts(body);
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  get sha256(): string {
    return hash('sha256', this.body);
  }

  /** The memory that it takes, in bytes. */
  get size(): number {
    return this.body.length + this.#starts.byteLength;
  }

  /** Returns the inputs in a range as a JSON list, with the digits that were uploaded. */
  list({ from, count }: InputRange): string {
    return `[${this.#text(from, count).replaceAll('\n', ',')}]`;
  }

  /** Checks each line up to the first problem, and yields to the event loop meanwhile. */
  async findFirstProblem(
    check: (line: string, field: string) => ParseResult<unknown>,
  ): Promise<ParseResult<UploadedInputs>> {
    const yieldIfDue = createYielder(new AbortController().signal);
    for (let n = 0; n < this.count; n += 1) {
      const read = check(this.#text(n, 1), `line ${n + 1}`);
      if (!read.ok) return read;
      await yieldIfDue();
    }
    return { ok: true, value: this };
  }

  #text(from: number, count: number): string {
    return this.body.toString('utf8', this.#starts[from], (this.#starts[from + count] ?? 1) - 1);
  }
}

const findLineStarts = (body: Buffer): Uint32Array => {
  const starts = [0];
  for (let at = body.indexOf(0x0a); at >= 0; at = body.indexOf(0x0a, at + 1)) starts.push(at + 1);
  return Uint32Array.from(starts);
};

/** Parses an upload. Lines end with LF or CRLF; the last line can omit it. The first line that is not JSON is the problem. */
export const parseInputs = async (text: string): Promise<ParseResult<UploadedInputs>> => {
  const lines = text.replaceAll('\r\n', '\n');
  const inputs = new UploadedInputs(Buffer.from(lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`));
  if (inputs.count === 0) return rejectField('line 1', 'a JSON value', 'nothing', invalidInputs);
  return inputs.findFirstProblem((line, field) => {
    if (line.trim() === '') return rejectField(field, 'a JSON value', 'an empty line', invalidInputs);
    if (isTooDeep(line))
      return rejectField(field, `JSON nested at most ${maxJsonDepth} levels deep`, line, invalidInputs);
    try {
      return { ok: true, value: JSON.parse(line) as unknown };
    } catch {
      return rejectField(field, 'a JSON value', line, invalidInputs);
    }
  });
};

/** The code of a problem with an uploaded input. */
export const invalidInputs = 'invalid-inputs';
