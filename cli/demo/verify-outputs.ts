import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { Verdict } from '../../contracts/block.ts';
import { readJson } from '../../contracts/problem.ts';
import { ManifestLine, Result } from '../../contracts/compute-result.ts';
import type { Story } from '../thread/follow-comment.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';

/** The demo did not show what it should. */
export class DemoFailed extends UserFacingError {
  override name = 'DemoFailed';
}

/** What a block of `monte-carlo-pi` says of itself: which inputs it holds. */
const Output = v.object({ from: v.number(), count: v.number() });

/**
 * Fetches a compute job's outputs through the links that its reply shows, and checks that each input is in them once and
 * that they are what the manifest lists.
 * @returns one sentence on what was found
 * @throws DemoFailed
 */
export const checkOutputs = async (story: Story, inputs: number): Promise<string> => {
  const links = linksOf(story.reply?.body ?? '');
  const [manifest, outputs, result] = await Promise.all(
    ['manifest.jsonl', 'outputs.jsonl', 'result.json'].map((name) => fetched(links, name)),
  );
  const verdicts = lines(outputs).map((line) => ({ line, verdict: parsed(Verdict, line) }));
  checkInputs(
    verdicts.map(({ verdict }) => verdict),
    inputs,
  );
  checkManifest(
    lines(manifest).map((line) => parsed(ManifestLine, line)),
    verdicts.map(({ line }) => line),
  );
  checkResult(parsed(Result, result ?? ''), verdicts.length, inputs);
  return `Outputs fetched through the reply's links: each of ${inputs} inputs is in them once.`;
};

/** The addresses in a reply's Markdown links, by the file's name. */
const linksOf = (markdown: string): Map<string, string> => {
  const urls = [...markdown.matchAll(/\]\((https?:[^)\s]+)\)/g)].map(([, url]) => new URL(url ?? ''));
  return new Map(urls.map((url) => [url.pathname.split('/').at(-1) ?? '', url.href]));
};

const fetched = async (links: Map<string, string>, name: string): Promise<string> => {
  const url = links.get(name);
  if (url === undefined) throw new DemoFailed(`The reply has no link to ${name}`);
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new DemoFailed(`The link to ${name} was answered ${response.status}`);
  return response.text();
};

const lines = (text: string | undefined): string[] => (text ?? '').split('\n').filter((line) => line !== '');

const parsed = <const S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> => {
  const result = readJson(schema, text);
  if (!result.ok) throw new DemoFailed(`An output has not the agreed form: ${result.problem.message}`);
  return result.value;
};

const checkInputs = (verdicts: readonly v.InferOutput<typeof Verdict>[], inputs: number): void => {
  const times = new Map<number, number>();
  for (const verdict of verdicts) {
    if (verdict.state !== 'done')
      throw new DemoFailed(`Block ${verdict.block} failed: ${verdict.error.message}`);
    const { from, count } = v.parse(Output, verdict.output);
    for (let input = from; input < from + count; input += 1) times.set(input, (times.get(input) ?? 0) + 1);
  }
  const wrong = Array.from({ length: inputs }, (_, input) => input).filter((input) => times.get(input) !== 1);
  if (wrong.length > 0 || times.size !== inputs) {
    throw new DemoFailed(
      `${times.size} of ${inputs} inputs are in the outputs; not once each: ${wrong.slice(0, 10).join(', ')}`,
    );
  }
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const checkManifest = (
  manifest: readonly v.InferOutput<typeof ManifestLine>[],
  outputs: readonly string[],
): void => {
  const wrong = manifest.filter((line, at) => line.sha256 !== sha256(outputs[at] ?? ''));
  if (wrong.length > 0 || manifest.length !== outputs.length) {
    const first = wrong[0] ? `: block ${wrong[0].block} has another sha256` : '';
    throw new DemoFailed(
      `The manifest's ${manifest.length} lines do not fit ${outputs.length} outputs${first}`,
    );
  }
};

const checkResult = (
  { blocks, inputs }: v.InferOutput<typeof Result>,
  outputs: number,
  wanted: number,
): void => {
  if (blocks.done !== outputs || blocks.failed !== 0 || inputs.total !== wanted)
    throw new DemoFailed(`result.json tells of ${blocks.done} blocks and ${inputs.total} inputs`);
};
