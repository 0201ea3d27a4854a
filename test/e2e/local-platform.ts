import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readMarker } from '../../chatops/reply/index.ts';
import { httpJobs, type Job, type Jobs } from '../../compute/client/index.ts';
import { readPlatformFile, type PlatformFile } from '../../local/platform/file.ts';
import { follow, type Story } from '../../cli/thread/follow.ts';
import { person, type Comment, type Person } from '../../cli/thread/github.ts';

/** A local platform in a process of its own, as `npm start` starts it, on a temporary data folder and any free ports. */
export type LocalPlatform = {
  readonly folder: string;
  /** `platform.json` as it is now. */
  file(): Promise<PlatformFile>;
  jobs(): Promise<Jobs>;
  /** A person by role. */
  as(role: 'maintain' | 'write' | 'read'): Promise<Person>;
  /** Writes a comment on the first issue and follows it to the end. */
  say(body: string, role?: 'maintain' | 'write' | 'read'): Promise<Story & { comment: Comment }>;
  /** Whether there is a child of that name now. */
  hasChild(child: string): Promise<boolean>;
  /** Ends one child with SIGKILL: the first of that name. False if there is none now. */
  kill(child: string): Promise<boolean>;
  /** Ends the platform process with SIGKILL and waits until it is gone; its children follow by themselves. */
  killPlatform(): Promise<void>;
  start(): Promise<void>;
  /** All that its processes have logged and printed so far, over all its starts. */
  said(): string;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Stops and removes everything. */
  remove(): Promise<void>;
};

const readyLine = 'Coxswain is ready';

/** @param onSaid told of all that is logged or printed */
const launch = async (
  folder: string,
  environment: NodeJS.ProcessEnv,
  onSaid: (text: string) => void,
): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['cli/guard.cjs', 'cli/start.ts', '--data', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LOG_LEVEL: 'info', ...environment },
  });
  let said = '';
  const ready = Promise.withResolvers<void>();
  const hear = (chunk: Buffer) => {
    said += chunk.toString();
    onSaid(chunk.toString());
    if (said.includes(readyLine)) ready.resolve();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.once('exit', (code, signal) =>
    ready.reject(new Error(`The platform ended (${code ?? signal}) before it was ready:\n${said}`)),
  );
  await ready.promise;
  return child;
};

const gone = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('exit', (code) => resolve(code));
  });

/** @param settingsFor what more is set in its environment, for its data folder */
export const localPlatform = async (
  settingsFor: (folder: string) => NodeJS.ProcessEnv = () => ({}),
): Promise<LocalPlatform> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-e2e-'));
  let said = '';
  const hear = (text: string) => (said += text);
  const environment = settingsFor(folder);
  let child = await launch(folder, environment, hear);
  const file = () => readPlatformFile(folder);
  const as = async (role: 'maintain' | 'write' | 'read'): Promise<Person> => {
    const platform = await file();
    const user = platform.github.users.find((one) => one.role === role);
    return person(platform, user?.token ?? '');
  };
  const stop = (): Promise<number | null> => {
    child.kill('SIGINT');
    return gone(child);
  };
  return {
    folder,
    file,
    as,
    said: () => said,
    stop,
    jobs: async () => httpJobs((await file()).orchestrator),
    say: async (body, role = 'write') => {
      const platform = await file();
      const who = await as(role);
      const comment = await who.comment(platform.github.issue, body);
      return { ...(await follow(platform, who, platform.github.issue, comment, () => {}, 120)), comment };
    },
    hasChild: async (name) => (await file()).children.some((one) => one.name === name),
    kill: async (name) => {
      const found = (await file()).children.find((one) => one.name === name);
      return found !== undefined && killed(found.pid);
    },
    killPlatform: async () => {
      child.kill('SIGKILL');
      await gone(child);
    },
    start: async () => {
      child = await launch(folder, environment, hear);
    },
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** Sends SIGKILL; false if the process is gone: `platform.json` is half a second late. */
const killed = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
};

/** Looks at something until it holds. @throws Error with what was awaited, after `limitSeconds` */
export const until = async <T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  limitSeconds = 180,
): Promise<T> => {
  const giveUp = Date.now() + limitSeconds * 1000;
  while (Date.now() < giveUp) {
    const found = await look();
    if (found) return found;
    await wait(50);
  }
  throw new Error(`Waited ${limitSeconds} s in vain for: ${what}`);
};

/** The job that a comment's reply names, once there is one. */
export const jobOf = async (platform: LocalPlatform, comment: Comment): Promise<Job> => {
  const { github } = await platform.file();
  const someone = await platform.as('write');
  const id = await until('the reply', async () => {
    const comments = await someone.commentsSince(github.issue, comment);
    return comments.map(({ body }) => readMarker(body)).find((marker) => marker?.comment === comment.id)
      ?.jobs[0];
  });
  const jobs = await platform.jobs();
  return until('the job', () => jobs.get(id));
};
