import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** A process as Linux shows it in `/proc`. */
export type Process = {
  pid: number;
  group: number;
  /** Identifies the process, although pids are reused: the boot and the tick at which it started. */
  birth: string;
  hasTerminal: boolean;
};

/** Distinguishes a process from a later one with the same pid. */
export type ProcessIdentity = Pick<Process, 'pid' | 'birth'>;

/** Returns the process with a pid; undefined if there is none, or no `/proc`. */
export const readProcess = (pid: number): Process | undefined => {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses, with any characters; the fields after it are numbered from 3 in proc(5).
  const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [group, terminal, start] = [field[5 - 3], field[7 - 3], field[22 - 3]];
  return { pid, group: Number(group), birth: `${readBootId()} ${start}`, hasTerminal: terminal !== '0' };
};

/** Returns all processes; none without `/proc`. */
export const listProcesses = (): Process[] =>
  (listNames('/proc') ?? []).flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));

/** Returns the working folder of a process; undefined if it has ended or belongs to another user. */
export const readWorkingFolder = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
};

const readBootId = (): string => readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const listNames = (path: string): string[] | undefined => {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
};
