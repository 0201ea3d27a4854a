import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import * as v from 'valibot';
import type { Jobs, Problem, StartRequest } from '../../compute/client/index.ts';
import { parseJsonPreservingDigits } from '../../contracts/json-digits.ts';
import { parseJson } from '../../contracts/problem.ts';
import { scalar } from '../../contracts/json-values.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { commandName } from '../command-name.ts';
import { exitCodes, getExitCode } from '../exit-codes.ts';
import { explainInterruption } from '../interruption.ts';
import { describeContinuingJob } from '../jobs/continues.ts';
import { createProgressReporter } from '../jobs/report-progress.ts';
import { toShortId } from '../../contracts/ids.ts';
import { streamLog } from '../jobs/stream-log.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { withOrchestrator, type ConnectionOptions, type Orchestrator } from '../orchestrator/connect.ts';
import { printJson, printRemark } from '../print.ts';
import { writeForeign } from '../write-foreign.ts';
import { printJob } from './status.ts';
import { suggestRun } from './suggest-run.ts';

export type StartOptions = ConnectionOptions & {
  parameters?: string;
  id?: string;
  timeout?: number;
  detach?: true;
  json?: true;
};

/** `coxswain run TASK`: starts a task, and prints its log as it grows. */
export const runTask = (taskName: string, pairs: string[], options: StartOptions): Promise<number> =>
  withOrchestrator(options, async (orchestrator) => {
    const onCommandLine = parsePairs(pairs);
    const file = toTexts(await readParameterFile(options));
    const parameters = Object.entries({ ...file, ...onCommandLine }).map(([name, value]) => ({
      name,
      value,
    }));
    const { id: jobId, timeout: timeoutSeconds } = options;
    const request = { kind: 'task', taskName, parameters, jobId, timeoutSeconds } as const;
    const run = { taskName, pairs: onCommandLine, file, options, connection: orchestrator.flags };
    return start(request, options, orchestrator, (problem) => suggestRun(problem, run, orchestrator.jobs));
  });

export type ComputeOptions = StartOptions & { inputs?: string; algorithm?: string; blockSize?: number };

/** `coxswain compute N`: starts a compute job, and prints its result. */
export const computeInputs = (
  count: number | undefined,
  pairs: string[],
  options: ComputeOptions,
): Promise<number> =>
  withOrchestrator(options, async (orchestrator) => {
    if ((count === undefined) === (options.inputs === undefined))
      throw new UsageError('Expected either the number of inputs or --inputs FILE.');
    const parameters = { ...(await readParameterFile(options)), ...parsePairs(pairs) };
    const stored =
      options.inputs === undefined ? undefined : await storeInputs(orchestrator.jobs, options.inputs);
    const { algorithm, blockSize, id: jobId, timeout: timeoutSeconds } = options;
    const request = { parameters, algorithm, blockSize, jobId, timeoutSeconds };
    const inputs = stored && { sha256: stored.sha256 };
    const inputCount = stored?.count ?? count ?? 0;
    return start({ kind: 'compute', inputCount, inputs, ...request }, options, orchestrator);
  });

/** Numbers in a file are texts with their digits, as in a comment. */
const ParameterValues = v.record(v.string(), scalar);
type ParameterValues = v.InferOutput<typeof ParameterValues>;

/** Returns the parameters of `name=value` arguments. */
const parsePairs = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new UsageError(`Expected parameters as name=value, received ${JSON.stringify(pair)}.`);
    }),
  );

const toTexts = (values: ParameterValues): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** Returns the parameters in `--parameters`. The messages contain no value: a parameter can be a secret, and this is how to pass one. */
const readParameterFile = async ({ parameters: file }: StartOptions): Promise<ParameterValues> => {
  if (file === undefined) return {};
  const read = parseJson(
    ParameterValues,
    await readInput('--parameters', file),
    'invalid-json',
    parseJsonPreservingDigits,
  );
  if (read.ok) return read.value;
  const field = read.problem.field === null ? '' : `, the field ${read.problem.field}`;
  throw new UsageError(
    `--parameters ${file}${field}: expected JSON such as {"name": "value"}, whose values are strings, numbers, true or false.`,
  );
};

/** Reads a file, or standard input for `-`. */
const readInput = (option: string, file: string): Promise<string> =>
  (file === '-' ? readStream(process.stdin) : readFile(file, 'utf8')).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${option}: cannot read ${file} (${code}).`, { cause });
  });

const storeInputs = async (jobs: Jobs, file: string): Promise<{ sha256: string; count: number }> => {
  const answer = await jobs.putInputs(await readInput('--inputs', file));
  if (answer.outcome === 'stored') return answer;
  throw new UsageError(`--inputs ${file}: ${answer.problem.message}`);
};

/** @param suggest returns what to try instead of a request that was refused */
const start = async (
  request: StartRequest,
  options: StartOptions,
  orchestrator: Orchestrator,
  suggest: (problem: Problem) => Promise<string | undefined> = async () => undefined,
): Promise<number> => {
  const answer = await orchestrator.jobs.start(request);
  if ('problem' in answer) {
    const { code, message } = answer.problem;
    const suggestion = await suggest(answer.problem);
    const text = suggestion === undefined ? message : `${message}\n${suggestion}`;
    throw new CliError(code === 'forbidden' ? 'refused' : 'usage', text);
  }
  const { id, outcome } = answer;
  if (options.detach) {
    if (options.json) printJson({ v: 1, id, outcome });
    else console.log(id);
    return exitCodes.ok;
  }
  printRemark(
    `${toShortId(id)} ${outcome === 'started' ? 'accepted' : 'already exists; nothing runs again'}`,
  );
  explainInterruption(() => describeContinuingJob(id, orchestrator.flags));
  return follow(id, request.kind, options, orchestrator);
};

const follow = async (
  id: string,
  kind: StartRequest['kind'],
  { json }: StartOptions,
  { jobs, flags }: Orchestrator,
): Promise<number> => {
  const showsLog = kind === 'task' && !json;
  const [job] = await Promise.all([
    waitForJob(jobs, id, { onChange: createProgressReporter() }),
    showsLog ? streamLog(jobs, id, ({ text }) => writeForeign(text)) : undefined,
  ]);
  if (json) printJson(job);
  else if (kind === 'compute') printJob(job);
  const count = job.files?.delivered.length ?? 0;
  if (count > 0)
    printRemark(
      `The task delivered ${count} ${count === 1 ? 'file' : 'files'}. To list them: ${commandName} files ${toShortId(id)}${flags}`,
    );
  return getExitCode(job.state);
};
