import type { Command, CommandName } from './command.ts';

/** What a command asks for, its values checked. What has a default and was not given is left out. */
export type Intent =
  | {
      kind: 'compute';
      /** As many as were asked for, or as the file has. */
      inputs: { count: number } | { file: InputsFile };
      algorithm?: string;
      blockSize?: number;
      timeoutSeconds?: number;
      /** The algorithm's own, as written. */
      parameters: Record<string, string>;
    }
  | { kind: 'run'; taskName: string; parameters: { name: string; value: string }[] }
  /** About a job. Without one: of the thread, if exactly one can be meant. */
  | { kind: 'status' | 'cancel' | 'retry' | 'logs'; job?: string }
  | { kind: 'approve'; code?: string }
  | { kind: 'reject'; code?: string; reason: string | null }
  | { kind: 'locks' }
  | { kind: 'lock'; key: string; reason: string | null }
  | { kind: 'unlock'; key: string }
  /** The command that is explained, as if it had been written by itself. */
  | { kind: 'explain'; command: Command }
  | { kind: 'help'; about?: CommandName }
  | { kind: 'tasks' };

/** A file of the repository; `commit`: 40 hex digits. */
export type InputsFile = { path: string; commit?: string };

/** The intents that start a job by themselves. */
export type StartIntent = Extract<Intent, { kind: 'compute' | 'run' }>;
