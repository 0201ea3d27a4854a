import type { CommandName } from './command.ts';

/** What a command asks for, its values checked. What has a default and was not given is left out. */
export type Intent =
  | {
      kind: 'compute';
      inputCount: number;
      algorithm?: string;
      blockSize?: number;
      timeoutSeconds?: number;
      /** The algorithm's own, as written. */
      parameters: Record<string, string>;
    }
  | { kind: 'run'; taskName: string; parameters: { name: string; value: string }[] }
  /** Without a job: the newest of the thread. */
  | { kind: 'cancel'; job?: string }
  | { kind: 'help'; about?: CommandName }
  | { kind: 'tasks' };

/** The intents that start a job. */
export type StartIntent = Extract<Intent, { kind: 'compute' | 'run' }>;
