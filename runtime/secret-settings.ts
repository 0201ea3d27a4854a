import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { SettingFiles } from './setting-files.ts';

/*
 * Any program of the same user can read the initial environment of a process for its whole lifetime (`/proc/<pid>/environ`), even
 * after variables are deleted. Secrets are therefore passed in other ways.
 */

/** Set to `parent` for a child whose parent sends its secrets as the first message over the IPC channel. */
export const secretsFromName = 'COXSWAIN_SECRETS_FROM';
/** The file with which a process that replaces itself passes on its secrets, see `clean-start.ts`. It has a folder of its own. */
export const handoverName = 'COXSWAIN_HANDOVER';

const Secrets = v.record(v.string(), v.string());
export type Secrets = v.InferOutput<typeof Secrets>;
const Message = v.object({ secrets: Secrets });

/** The timeout for a parent to send secrets. */
const timeoutMilliseconds = 30_000;

/** A program's variables, and where their values come from. */
export type SettingSources = {
  /** The environment, with the values from files and from the parent. */
  environment: NodeJS.ProcessEnv;
  /** What is wrong with the files of settings that cannot be read, by setting. */
  unreadable: Readonly<Record<string, string>>;
  /** Where the value of a setting comes from if not from the environment, such as `file /run/secrets/key`. */
  origins: Readonly<Record<string, string>>;
};

/**
 * Returns the variables with the secret settings, which come from the parent, from the replaced process, or from files.
 * @throws Error if the parent sends nothing
 */
export const readSettingSources = async (files: SettingFiles): Promise<SettingSources> => {
  const { values, unreadable, origins } = await files.read();
  const environment = { ...process.env, ...values };
  if (environment[secretsFromName] === 'parent') {
    const secrets = await receiveFromParent();
    const received = Object.keys(secrets).map((name) => [name, 'parent process'] as const);
    return {
      environment: { ...environment, ...secrets },
      unreadable,
      origins: { ...origins, ...Object.fromEntries(received) },
    };
  }
  const handover = environment[handoverName];
  const secrets = handover === undefined ? {} : readHandover(handover);
  return { environment: { ...environment, ...secrets }, unreadable, origins };
};

const readHandover = (file: string): Secrets => {
  const text = readFileSync(file, 'utf8');
  rmSync(dirname(file), { recursive: true });
  return v.parse(Secrets, JSON.parse(text));
};

const receiveFromParent = (): Promise<Secrets> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('The parent process did not send settings in time')),
      timeoutMilliseconds,
    );
    const onDisconnect = () => {
      clearTimeout(timer);
      reject(new Error('The parent process exited'));
    };
    process.once('disconnect', onDisconnect);
    process.once('message', (message) => {
      clearTimeout(timer);
      process.off('disconnect', onDisconnect);
      const read = v.safeParse(Message, message);
      // Do not show the message, because it contains secrets.
      if (read.success) resolve(read.output.secrets);
      else reject(new Error('The parent process sent an unexpected message'));
    });
  });
