import { join } from 'node:path';
import type { StopCause } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { openOutputFolder, shareWith } from '../../runtime/program-user.ts';
import {
  openProgramWorkspace,
  type ProgramWorkspace,
  type ProgramUsers,
} from '../../runtime/program-users.ts';
import type { ExitRecord } from '../../contracts/exit-record.ts';
import { outputDirName } from '../../contracts/task-files.ts';
import { deliverFiles } from './files/deliver-files.ts';
import { waitForIdentity, type IdentitySource } from './identity/wait-for-identity.ts';
import type { RunOrder } from './run-spec.ts';
import { createOnce } from './sas-client.ts';
import { openScriptLog, type ScriptLog } from './log/script-log.ts';
import { fetchScript, type NotStarted } from './script/fetch-script.ts';
import { ScriptStartError, runScript, type ScriptEnd, type ScriptOptions } from './script/run-script.ts';
import { buildScriptEnvironment } from './script/script-environment.ts';

export type RunContext = {
  /** Aborted, with a `StopCause`, when the runner is asked to stop. */
  stop: AbortSignal;
  /** The time between SIGTERM and SIGKILL of the script. */
  graceMilliseconds: number;
  /** The user as which the script runs; undefined for our own user. */
  users: ProgramUsers | undefined;
  /** Whether this process is alone in a container, and the script's tools must not depend on its user's home folder. */
  isContainer: boolean;
  identity: IdentitySource;
  /** Called with the pid of the script. */
  onStarted: (pid: number) => void;
  log: Logger;
};

type Run = RunContext & {
  spec: RunOrder;
  workspace: ProgramWorkspace;
  /** The directory for the files that the script delivers. */
  outputDir: string;
  /** Aborted when a stopped runner must not deliver more files. */
  filesDeadline: AbortSignal;
  /** Aborted when a stopped runner must not write anything more. */
  giveUp: AbortSignal;
};

/** The time of a stopped runner: for the script to end, then to deliver files, then to write log and exit record. */
type StopTimes = { graceMilliseconds: number; filesMilliseconds: number; recordsMilliseconds: number };
/** After its launcher has exited, storage is likely down, too, and the next launcher waits for this process. */
const orphanTimes: StopTimes = {
  graceMilliseconds: 1_000,
  filesMilliseconds: 1_000,
  recordsMilliseconds: 3_000,
};
const stopTimes = { filesMilliseconds: 3_000, recordsMilliseconds: 3_000 };

/**
 * Runs a task: fetches the script, waits for the managed identity if the order names one, claims the job so that its script starts at
 * most once, runs the script, delivers its files, and writes its log and exit record. Does nothing else if the job was claimed before.
 */
export const runTask = async (spec: RunOrder, context: RunContext): Promise<void> => {
  const workspace = await openProgramWorkspace(context.users);
  try {
    await runInWorkspace({
      ...context,
      spec,
      workspace,
      outputDir: openOutputFolder(workspace.user, workspace),
      filesDeadline: createDeadline(context, (times) => times.graceMilliseconds + times.filesMilliseconds),
      giveUp: createDeadline(
        context,
        (times) => times.graceMilliseconds + times.filesMilliseconds + times.recordsMilliseconds,
      ),
    });
  } finally {
    await workspace
      .close()
      .catch((error: unknown) =>
        context.log.warn({ err: error }, 'could not remove all files and processes of a script'),
      );
  }
};

const runInWorkspace = async (run: Run): Promise<void> => {
  const { spec } = run;
  try {
    const notStarted =
      (await fetchScript(spec, getScriptFile(run), run.giveUp)) ??
      (spec.identity && (await waitForIdentity(spec.identity.clientId, run.identity, run.stop)));
    if (run.stop.aborted || !(await claimJob(run))) return;
    const record = await withScriptLog(run, (log) =>
      notStarted ? recordNotStarted(run, notStarted, log) : runAndRecord(run, log),
    );
    await createOnce(spec.links.exit, `${JSON.stringify(record)}\n`, 'application/json', run.giveUp);
  } catch (error) {
    if (!run.giveUp.aborted) throw error;
    run.log.warn({ job: spec.job }, 'stopped before everything was written');
  }
};

const getScriptFile = ({ workspace }: Pick<Run, 'workspace'>): string => join(workspace.path, 'script');

/** Returns a signal that is aborted some time after the runner was asked to stop. */
const createDeadline = (context: RunContext, sum: (times: StopTimes) => number): AbortSignal => {
  const { stop } = context;
  const deadline = new AbortController();
  const start = () => setTimeout(() => deadline.abort(), sum(getStopTimes(context))).unref();
  if (stop.aborted) start();
  else stop.addEventListener('abort', start, { once: true });
  return deadline.signal;
};

const getStopTimes = ({ stop, graceMilliseconds }: RunContext): StopTimes =>
  (stop.reason as StopCause | undefined) === 'parent'
    ? { ...orphanTimes, graceMilliseconds: Math.min(graceMilliseconds, orphanTimes.graceMilliseconds) }
    : { ...stopTimes, graceMilliseconds };

const claimJob = async ({ spec, giveUp, log }: Run): Promise<boolean> => {
  const claimed = await createOnce(spec.links.started, getTimestamp(), 'text/plain', giveUp);
  if (claimed === 'exists') log.info({ job: spec.job }, 'skipping a job that was started before');
  return claimed === 'created';
};

const withScriptLog = async (
  run: Run,
  work: (log: ScriptLog) => Promise<ExitRecord>,
): Promise<ExitRecord> => {
  const { spec, giveUp } = run;
  const scriptLog = openScriptLog({
    link: spec.links.log,
    secrets: getSecrets(spec),
    giveUp,
    log: run.log,
  });
  try {
    return await work(scriptLog);
  } finally {
    await scriptLog.close();
  }
};

const getSecrets = ({ parameters, secrets }: RunOrder): string[] =>
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
    const record = {
      ...toRecordBase(run),
      ...toRecordedEnd(end, run.stop),
      startedAt,
      endedAt: getTimestamp(),
    };
    await deliverOutputs(run, log);
    return record;
  } catch (error) {
    if (!(error instanceof ScriptStartError)) throw error;
    return recordNotStarted(run, toNotStarted(error.cause as NodeJS.ErrnoException), log);
  }
};

/** Delivers the script's files. The job ends as its script did, even if that fails. */
const deliverOutputs = async (run: Run, scriptLog: ScriptLog): Promise<void> => {
  const { spec, workspace, outputDir, filesDeadline, giveUp, log } = run;
  const { job, links } = spec;
  if (!links.files) return;
  try {
    // The script's own processes have ended. Others, which have left its process group, could still change its files.
    await workspace.clear();
    await deliverFiles({
      job,
      directory: outputDir,
      user: workspace.user,
      links: links.files,
      secrets: getSecrets(spec),
      deadline: filesDeadline,
      giveUp,
      log,
    });
  } catch (error) {
    if (giveUp.aborted) throw error;
    log.warn({ err: error, job }, 'could not deliver the files of a script');
    scriptLog.note(`The files in ${outputDirName} could not be delivered.`);
  }
};

const toScriptOptions = (run: Run, log: ScriptLog): ScriptOptions => {
  const { spec, workspace, stop, onStarted } = run;
  const { user } = workspace;
  if (user) shareWith(user, getScriptFile(run), 0o750);
  return {
    // Shells put this name before their error messages.
    file: '../script',
    folder: workspace.path,
    workingFolder: workspace.work,
    user,
    environment: buildScriptEnvironment({ ...run, order: spec, folder: workspace, user }),
    onOutput: (chunk) => log.write(chunk),
    onStarted,
    timeoutMilliseconds: spec.timeoutSeconds * 1_000,
    graceMilliseconds: () => getStopTimes(run).graceMilliseconds,
    stop,
  };
};

const toRecordBase = ({ spec }: Run) => ({ v: 1 as const, job: spec.job });

/** Returns the end to record: a stopped script did not end by itself, whatever its exit code is. */
const toRecordedEnd = (end: ScriptEnd, stop: AbortSignal): ScriptEnd =>
  stop.aborted ? { ...end, exitCode: null, signal: end.signal ?? 'SIGTERM' } : end;

const toNotStarted = ({ code, path }: NodeJS.ErrnoException): NotStarted => {
  const missing = path === 'mkfifo' ? 'mkfifo' : 'the interpreter that its first line names';
  const why = code === 'ENOENT' ? `: ${missing} does not exist` : '';
  return {
    reason: 'launch-failed',
    message: `The script could not be started (${code ?? 'unknown fault'})${why}.`,
  };
};

const getTimestamp = (): string => new Date().toISOString();
