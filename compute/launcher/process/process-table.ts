import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** A process as Linux shows it in `/proc`. */
export type Process = {
  pid: number;
  group: number;
  /** Which process this is, although pids come again: the boot and the tick at which it started. */
  birth: string;
  hasTerminal: boolean;
};

/** What tells a process apart from a later one with the same pid. */
export type ProcessIdentity = Pick<Process, 'pid' | 'birth'>;

/** The process with this pid; undefined if there is none, or no `/proc`. */
export const readProcess = (pid: number): Process | undefined => {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may hold anything; what follows is numbered from 3 in proc(5).
  const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [group, terminal, start] = [field[5 - 3], field[7 - 3], field[22 - 3]];
  return { pid, group: Number(group), birth: `${readBootId()} ${start}`, hasTerminal: terminal !== '0' };
};

/** All processes; none where there is no `/proc`. */
export const listProcesses = (): Process[] =>
  (listNames('/proc') ?? []).flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));

/** A process's working folder; undefined if it is gone or another user's. */
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
