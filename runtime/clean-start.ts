import { closeSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { toUnprivilegedCommand } from './program-user.ts';
import { handoverName, type Secrets } from './secret-settings.ts';

/**
 * Prepares a process that starts foreign programs, so that they cannot find its secrets. Inherited descriptors are closed. A process
 * whose environment contains a secret replaces itself, under the same pid, with a process whose environment never contained it, and
 * which cannot gain privileges. Call this first.
 * @param names the secret settings
 */
export const startClean = (names: readonly string[]): void => {
  closeInheritedDescriptors();
  if (process.env[handoverName] !== undefined) return;
  const secrets = Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const command = toUnprivilegedCommand(own);
  const holdsSecrets = Object.keys(secrets).length > 0;
  // Replacing the process loses the channel to its parent, which is acceptable only to hide a secret. Our own children start clean.
  if (holdsSecrets || (command[0] !== own[0] && !process.channel)) replaceProcess(command, secrets);
};

const replaceProcess = (command: readonly [string, ...string[]], secrets: Secrets): never => {
  const others = Object.entries(process.env).filter(([name]) => !Object.hasOwn(secrets, name));
  const environment = { ...Object.fromEntries(others), [handoverName]: writeHandover(secrets) };
  return process.execve!(command[0], command, environment);
};

/** Writes the secrets to a new file: in memory if possible, as in every container, so that they never reach a disk. */
const writeHandover = (secrets: Secrets): string => {
  const folder = mkdtempSync(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), 'coxswain-'));
  const file = join(folder, 'secrets');
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return file;
};
const memoryFolder = '/dev/shm';

/** `O_CLOEXEC`, in the octal flags that `/proc/self/fdinfo` shows. */
const closeOnExec = 0o2000000;

/**
 * Closes the descriptors that this process inherited, except stdin, stdout and stderr. Node marks its own descriptors close-on-exec,
 * and libuv the first few inherited ones; every program that we start would inherit the others.
 */
const closeInheritedDescriptors = (): void => {
  if (process.platform !== 'linux') return;
  waitForCertificates();
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && isInherited(descriptor)) closeSync(descriptor);
  }
};

/**
 * Waits until OpenSSL has closed the files of certificates. A thread of Node's reads them once `node:tls` is loaded, and their descriptors
 * look like inherited ones. If we closed one, the thread would later close a file of somebody else, which ends the process.
 */
const waitForCertificates = (): void => {
  const { NODE_EXTRA_CA_CERTS: extra, NODE_USE_SYSTEM_CA: system, NODE_OPTIONS: options = '' } = process.env;
  const usesSystem = [...process.execArgv, options].some((option) => option.includes('--use-system-ca'));
  if (extra || system || usesSystem) getCACertificates('default');
};

const isInherited = (descriptor: number): boolean => {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = /^flags:\s*(\d+)$/m.exec(info)?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // The descriptor that listed the folder.
    return false;
  }
};
