import { join } from 'node:path';
import type { StopCause } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { toFolderVariables, shareWith } from '../../runtime/program-user.ts';
import {
  openProgramWorkspace,
  type ProgramWorkspace,
  type ProgramUsers,
} from '../../runtime/program-users.ts';
import type { ExitRecord } from '../../contracts/exit-record.ts';
import type { RunSpec } from '../launcher/port.ts';
import { createOnce } from './sas-client.ts';
import { openScriptLog, type ScriptLog } from './log/script-log.ts';
import { fetchScript, type NotStarted } from './script/fetch-script.ts';
import { ScriptStartError, runScript, type ScriptEnd, type ScriptOptions } from './script/run-script.ts';

export type RunContext = {
  /** Aborted, with a `StopCause`, when the runner is asked to stop. */
  stop: AbortSignal;
  /** Between SIGTERM and SIGKILL of the script. */
  graceMilliseconds: number;
  /** The user as which the script runs; undefined for our own user. */
  users: ProgramUsers | undefined;
  onStarted: (pid: number) => void;
  log: Logger;
};

type Run = RunContext & { spec: RunSpec; folder: ProgramWorkspace; giveUp: AbortSignal };

/** When a launcher is gone, storage likely is too, and a next launcher waits for us. */
const orphanGraceMilliseconds = 1_000;
/** A runner that was asked to stop has so long, after the script's grace, to write what it knows. */
const finalWriteMilliseconds = 3_000;

/**
 * Carries out one order: fetches the script, claims the job (a script starts at most once, whoever tries again), runs it,
 * and writes its log and its exit record. Ends quietly if the job was claimed before.
 */
export const runTask = async (spec: RunSpec, context: RunContext): Promise<void> => {
  const workspace = await openProgramWorkspace(context.users);
  const run: Run = { ...context, spec, folder: workspace, giveUp: createGiveUpSignal(context) };
  try {
    const notStarted = await fetchScript(spec, getScriptFile(run), run.giveUp);
    if (context.stop.aborted || !(await claimJob(run))) return;
    const record = await withScriptLog(run, (log) =>
      notStarted ? recordNotStarted(run, notStarted, log) : runAndRecord(run, log),
    );
    await createOnce(spec.links.exit, `${JSON.stringify(record)}\n`, 'application/json', run.giveUp);
  } catch (error) {
    if (!run.giveUp.aborted) throw error;
    run.log.warn({ job: spec.job }, 'stopped before everything was written');
  } finally {
    await workspace
      .close()
      .catch((error: unknown) => run.log.warn({ err: error }, 'could not remove all that a script left'));
  }
};

const getScriptFile = ({ folder }: Pick<Run, 'folder'>): string => join(folder.path, 'script');

/** Who has been asked to stop gives up on storage that does not answer. */
const createGiveUpSignal = ({ stop, graceMilliseconds }: RunContext): AbortSignal => {
  const giveUp = new AbortController();
  const start = () =>
    setTimeout(() => giveUp.abort(), getGrace(stop, graceMilliseconds) + finalWriteMilliseconds).unref();
  if (stop.aborted) start();
  else stop.addEventListener('abort', start, { once: true });
  return giveUp.signal;
};

const getGrace = (stop: AbortSignal, usual: number): number =>
  (stop.reason as StopCause | undefined) === 'parent' ? Math.min(usual, orphanGraceMilliseconds) : usual;

const claimJob = async ({ spec: order, giveUp, log }: Run): Promise<boolean> => {
  const claimed = await createOnce(order.links.started, getTimestamp(), 'text/plain', giveUp);
  if (claimed === 'exists') log.info({ job: order.job }, 'this job was started before, and is not run again');
  return claimed === 'created';
};

const withScriptLog = async (
  run: Run,
  work: (log: ScriptLog) => Promise<ExitRecord>,
): Promise<ExitRecord> => {
  const { spec: order, giveUp } = run;
  const scriptLog = openScriptLog({
    link: order.links.log,
    secrets: getSecrets(order),
    giveUp,
    log: run.log,
  });
  try {
    return await work(scriptLog);
  } finally {
    await scriptLog.close();
  }
};

const getSecrets = ({ parameters, secrets }: RunSpec): string[] =>
  secrets.flatMap((name) => (Object.hasOwn(parameters, name) ? (parameters[name] ?? []) : []));

const recordNotStarted = async (run: Run, notStarted: NotStarted, log: ScriptLog): Promise<ExitRecord> => {
  log.note(notStarted.message);
  const at = getTimestamp();
  return {
    ...toRecordBase(run),
    exitCode: null,
    signal: null,
    timedOut: false,
    startedAt: at,
    endedAt: at,
    notStarted,
  };
};

const runAndRecord = async (run: Run, log: ScriptLog): Promise<ExitRecord> => {
  const startedAt = getTimestamp();
  try {
    const end = await runScript(toScriptOptions(run, log));
    return { ...toRecordBase(run), ...toRecordedEnd(end, run.stop), startedAt, endedAt: getTimestamp() };
  } catch (error) {
    if (!(error instanceof ScriptStartError)) throw error;
    return recordNotStarted(run, toNotStarted(error.cause as NodeJS.ErrnoException), log);
  }
};

const toScriptOptions = (run: Run, log: ScriptLog): ScriptOptions => {
  const { spec: order, folder, stop, onStarted } = run;
  const { user } = folder;
  if (user) shareWith(user, getScriptFile(run), 0o750);
  return {
    // By this name it complains of its own faults, and people read that.
    file: '../script',
    folder: folder.path,
    workingFolder: folder.work,
    user,
    environment: { ...getInheritedEnvironment(), ...toFolderVariables(user, folder), ...order.parameters },
    onOutput: (chunk) => log.write(chunk),
    onStarted,
    timeoutMilliseconds: order.timeoutSeconds * 1_000,
    graceMilliseconds: () => getGrace(stop, run.graceMilliseconds),
    stop,
  };
};

const toRecordBase = ({ spec: order }: Run) => ({ v: 1 as const, job: order.job });

/** A script that we have stopped did not end by itself, whatever code it ended with. */
const toRecordedEnd = (end: ScriptEnd, stop: AbortSignal): ScriptEnd =>
  stop.aborted ? { ...end, exitCode: null, signal: end.signal ?? 'SIGTERM' } : end;

const toNotStarted = ({ code, path }: NodeJS.ErrnoException): NotStarted => {
  const missing = path === 'mkfifo' ? 'mkfifo' : 'the interpreter that its first line names';
  const why = code === 'ENOENT' ? `: ${missing} is not there` : '';
  return {
    reason: 'launch-failed',
    message: `The script could not be started (${code ?? 'unknown fault'})${why}.`,
  };
};

/** Besides its parameters a script knows only these. */
const getInheritedEnvironment = (): Record<string, string> => {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/', LANG = 'C.UTF-8' } = process.env;
  return { PATH, HOME, LANG };
};

const getTimestamp = (): string => new Date().toISOString();
