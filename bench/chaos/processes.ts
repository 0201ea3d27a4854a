import { readdir, readFile } from 'node:fs/promises';

/** Returns the processes of a data folder: those with its path in their environment or command line. Requires Linux (/proc). */
export const listProcesses = async (folder: string): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ((await mentionsFolder(pid, folder)) ? pid : undefined)),
  );
  return found.filter((pid) => pid !== undefined && pid !== process.pid) as number[];
};

const mentionsFolder = async (pid: number, folder: string): Promise<boolean> => {
  const parts = await Promise.all([readProcFile(pid, 'environ'), readProcFile(pid, 'cmdline')]);
  return parts.some((part) => part.includes(folder));
};

/** Reads a file of a process. Returns an empty text if the process has exited, is a zombie, or belongs to another user. */
const readProcFile = (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
