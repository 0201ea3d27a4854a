import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { BlockResult } from '../../contracts/block.ts';
import { parseJson } from '../../contracts/problem.ts';
import { ManifestLine, ComputeResult } from '../../contracts/compute-result.ts';
import type { CommentOutcome } from '../thread/follow-comment.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';

/** The demo failed. */
export class DemoFailedError extends UserFacingError {
  override name = 'DemoFailedError';
}

/** The output of a block of `monte-carlo-pi`, as far as it describes its inputs. */
const Output = v.object({ from: v.number(), count: v.number() });

/**
 * Downloads the outputs of a compute job with the links in its reply, and checks that they contain each input once and match the
 * manifest.
 * @returns the result in one sentence
 * @throws DemoFailedError
 */
export const verifyOutputs = async (outcome: CommentOutcome, inputs: number): Promise<string> => {
  const links = findLinks(outcome.reply?.body ?? '');
  const [manifest, outputs, result] = await Promise.all(
    ['manifest.jsonl', 'outputs.jsonl', 'result.json'].map((name) => fetchOutput(links, name)),
  );
  const verdicts = splitLines(outputs).map((line) => ({ line, verdict: parseOutput(BlockResult, line) }));
  verifyInputs(
    verdicts.map(({ verdict }) => verdict),
    inputs,
  );
  verifyManifest(
    splitLines(manifest).map((line) => parseOutput(ManifestLine, line)),
    verdicts.map(({ line }) => line),
  );
  verifyResult(parseOutput(ComputeResult, result ?? ''), verdicts.length, inputs);
  return `Downloaded the outputs with the links in the reply: they contain each of the ${inputs} inputs once.`;
};

/** Returns the addresses of a reply's Markdown links, by file name. */
const findLinks = (markdown: string): Map<string, string> => {
  const urls = [...markdown.matchAll(/\]\((https?:[^)\s]+)\)/g)].map(([, url]) => new URL(url ?? ''));
  return new Map(urls.map((url) => [url.pathname.split('/').at(-1) ?? '', url.href]));
};

const fetchOutput = async (links: Map<string, string>, name: string): Promise<string> => {
  const url = links.get(name);
  if (url === undefined) throw new DemoFailedError(`The reply has no link to ${name}`);
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new DemoFailedError(`The link to ${name} returned status ${response.status}`);
  return response.text();
};

const splitLines = (text: string | undefined): string[] =>
  (text ?? '').split('\n').filter((line) => line !== '');

const parseOutput = <const S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> => {
  const result = parseJson(schema, text);
  if (!result.ok) throw new DemoFailedError(`An output has an unexpected format: ${result.problem.message}`);
  return result.value;
};

const verifyInputs = (verdicts: readonly v.InferOutput<typeof BlockResult>[], inputs: number): void => {
  const times = new Map<number, number>();
  for (const verdict of verdicts) {
    if (verdict.state !== 'done')
      throw new DemoFailedError(`Block ${verdict.block} failed: ${verdict.error.message}`);
    const { from, count } = v.parse(Output, verdict.output);
    for (let input = from; input < from + count; input += 1) times.set(input, (times.get(input) ?? 0) + 1);
  }
  const wrong = Array.from({ length: inputs }, (_, input) => input).filter((input) => times.get(input) !== 1);
  if (wrong.length > 0 || times.size !== inputs) {
    throw new DemoFailedError(
      `${times.size} of ${inputs} inputs are in the outputs; missing or repeated: ${wrong.slice(0, 10).join(', ')}`,
    );
  }
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const verifyManifest = (
  manifest: readonly v.InferOutput<typeof ManifestLine>[],
  outputs: readonly string[],
): void => {
  const wrong = manifest.filter((line, at) => line.sha256 !== sha256(outputs[at] ?? ''));
  if (wrong.length > 0 || manifest.length !== outputs.length) {
    const first = wrong[0] ? `: the sha256 of block ${wrong[0].block} differs` : '';
    throw new DemoFailedError(
      `The manifest's ${manifest.length} lines do not match ${outputs.length} outputs${first}`,
    );
  }
};

const verifyResult = (
  { blocks, inputs }: v.InferOutput<typeof ComputeResult>,
  outputs: number,
  expected: number,
): void => {
  if (blocks.done !== outputs || blocks.failed !== 0 || inputs.total !== expected)
    throw new DemoFailedError(`result.json reports ${blocks.done} blocks and ${inputs.total} inputs`);
};
