import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { run } from '../../../.ci/verify/run.ts';
import type { Releases } from '../../../runtime/lifecycle.ts';

type Command = readonly [string, ...string[]];

/** Folders to which programs of a cluster write outside of their own folders. Inside of the machine, they are empty and its own. */
const privateFolders = [
  '/run/containerd',
  '/run/netns',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/containers',
];

/** How long a state may take on a slow machine. The limit only ends what hangs. */
const limitMilliseconds = 600_000;

/**
 * A machine inside of this one: network, mount and process namespaces in which all programs of a cluster run. When its first process
 * ends, the kernel kills all others, pods included, and removes their networks and mounts. It ends with our process in any case.
 */
export class Machine {
  readonly folder: string;
  readonly #first: ChildProcess;
  readonly #pid: number;
  /** Rejects when a daemon ends. Its handler avoids an unhandled rejection while nobody waits. */
  readonly #broken = Promise.withResolvers<never>();
  #isStopped = false;

  private constructor(folder: string, first: ChildProcess, pid: number) {
    this.folder = folder;
    this.#first = first;
    this.#pid = pid;
    this.#broken.promise.catch(() => {});
  }

  /** Starts a machine. `folder`: for logs; `pause`: the program that becomes its first process. */
  static async start(folder: string, pause: string, releases: Releases): Promise<Machine> {
    mkdirSync(join(folder, 'log'));
    const script = [
      ...privateFolders.map((path) => `mkdir -p ${path} && mount -t tmpfs tmpfs ${path}`),
      'echo ready',
      'exec "$0"',
    ].join(' && ');
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const log = openSync(join(folder, 'log', 'machine.log'), 'a');
    const first = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', script, pause],
      { detached: true, stdio: ['ignore', 'pipe', log] },
    );
    closeSync(log);
    const ended = once(first, 'exit');
    const isReady = await Promise.race([once(first.stdout as Readable, 'data'), ended.then(() => false)]);
    if (!isReady) throw new Error(`Could not create namespaces:\n${readTail(folder, 'machine')}`);
    const [pid] = readFileSync(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8').split(' ');
    const machine = new Machine(folder, first, Number(pid));
    releases.add('the machine', () => machine.#stop(ended));
    return machine;
  }

  /** Returns the command that runs another inside of the machine. */
  enter(command: Command): [string, ...string[]] {
    const namespaces = ['--mount', '--net', '--pid'];
    // Whoever enters a mount namespace is in its root folder.
    const inFolder = ['env', `--chdir=${process.cwd()}`];
    return ['nsenter', `--target=${this.#pid}`, ...namespaces, '--', ...inFolder, ...command];
  }

  /** Runs a program inside of the machine. Returns its output. @throws Error with the output if it fails */
  async run(command: Command, environment?: Readonly<Record<string, string>>): Promise<string> {
    const { code, output } = await run(this.enter(command), { environment });
    if (code !== 0) throw new Error(`"${command.join(' ')}" exited with ${code}:\n${output}`);
    return output;
  }

  /** Starts a program that runs inside of the machine until the machine stops. */
  startDaemon(name: string, command: Command, environment: Readonly<Record<string, string>> = {}): void {
    const log = openSync(join(this.folder, 'log', `${name}.log`), 'a');
    const [program, ...argv] = this.enter(command);
    const daemon = spawn(program, argv, {
      env: { ...process.env, ...environment },
      // Its own process group, so that Ctrl-C in the terminal does not end it before the tests.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    daemon.once('error', (cause) => this.#broken.reject(new Error(`Could not start ${name}`, { cause })));
    daemon.once('exit', (code, signal) => {
      if (this.#isStopped) return;
      const tail = readTail(this.folder, name);
      this.#broken.reject(new Error(`${name} ended with ${signal ?? code}:\n${tail}`));
    });
  }

  /** Runs a program inside of the machine until it succeeds. @throws Error if a daemon ends, or the program never succeeds */
  async waitFor(what: string, command: Command): Promise<void> {
    const giveUp = Date.now() + limitMilliseconds;
    for (;;) {
      const { code, output } = await Promise.race([run(this.enter(command)), this.#broken.promise]);
      if (code === 0) return;
      if (Date.now() > giveUp) throw new Error(`Timed out waiting for ${what}:\n${output}`);
      await wait(200);
    }
  }

  async #stop(ended: Promise<unknown>): Promise<void> {
    this.#isStopped = true;
    this.#broken.reject(new Error('The machine was stopped'));
    if (this.#first.exitCode === null && this.#first.signalCode === null) process.kill(this.#pid, 'SIGKILL');
    // The first process is gone when all others are.
    await ended;
  }
}

/** Returns the last lines of the log of a daemon. */
const readTail = (folder: string, name: string): string =>
  readFileSync(join(folder, 'log', `${name}.log`), 'utf8')
    .trim()
    .split('\n')
    .slice(-20)
    .join('\n');
