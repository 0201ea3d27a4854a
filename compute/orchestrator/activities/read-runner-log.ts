import type { JobId } from '../../../contracts/ids.ts';
import type { TaskRequest } from '../../../contracts/job-request.ts';
import { maskSecrets } from '../../../runtime/log.ts';
import { maxRunnerLogBytes, type Launcher } from '../../launcher/port.ts';
import { Redactor } from '../../runner/log/redactor.ts';
import type { Blobs } from '../../storage/port.ts';
import { readTask } from '../catalogue/catalogue.ts';
import { resolveParameters } from '../catalogue/resolve-parameters.ts';
import { decodeLastLines } from '../text.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** `secrets`: the names of the request's secret parameters. */
type LogInput = { job: JobId; request: TaskRequest; secrets: string[] };

/** Returns the last lines of a runner's own output, without secrets; null if there are none, or if they cannot be read. */
export const readRunnerLog =
  ({ storage: { blobs }, launcher }: ActivityDependencies) =>
  async (input: LogInput): Promise<string | null> => {
    const text = await findLog(launcher, input.job);
    if (text === null) return null;
    const bytes = Buffer.from(text);
    // A secret at the beginning of a text that was cut would not be found.
    const isCut = bytes.length > maxRunnerLogBytes - maxCharacterBytes;
    const lines = decodeLastLines(bytes.subarray(-maxRunnerLogBytes), isCut);
    const redacted = new Redactor(await listSecrets(blobs, input)).mask(Buffer.from(lines));
    return maskSecrets(redacted.toString()).trim() || null;
  };

const maxCharacterBytes = 4;

/** The log only helps to understand a failure: the job ends without it, too. */
const findLog = async (launcher: Launcher, job: JobId): Promise<string | null> => {
  try {
    return (await launcher.readLog?.(job)) ?? null;
  } catch {
    return null;
  }
};

/** Returns the values of a task's secret parameters, also of those that the request does not set. */
const listSecrets = async (blobs: Blobs, { request, secrets }: LogInput): Promise<string[]> => {
  const given = request.parameters.filter(({ name }) => secrets.includes(name));
  const task = await readTask(blobs, request.taskName);
  const values = task?.ok ? resolveParameters(task.value, request.parameters) : undefined;
  const resolved = values?.ok ? Object.entries(values.value).filter(([name]) => secrets.includes(name)) : [];
  return [...given.map(({ value }) => value), ...resolved.map(([, value]) => value)];
};
