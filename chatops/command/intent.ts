import type { Command, CommandName } from './command.ts';
import type { LockEndIntent } from './values/lock-end.ts';

/** What a command requests, with checked values. Optional values that were not given are missing. */
export type Intent =
  | {
      kind: 'compute';
      /** The number of inputs, or the file that contains them. */
      inputs: { count: number } | { file: InputsFile };
      algorithm?: string;
      blockSize?: number;
      timeoutSeconds?: number;
      /** The parameters of the algorithm, as written. */
      parameters: Record<string, string>;
    }
  | { kind: 'run'; taskName: string; parameters: { name: string; value: string }[] }
  /** `job`: its id. If missing, the job of the thread, if there is exactly one candidate. */
  | { kind: 'status' | 'cancel' | 'retry' | 'logs'; job?: string }
  | { kind: 'approve'; code?: string }
  | { kind: 'reject'; code?: string; reason: string | null }
  | { kind: 'locks' }
  /** `end`: missing for the policy's default. */
  | { kind: 'lock'; key: string; reason: string | null; end?: LockEndIntent }
  | { kind: 'unlock'; key: string }
  /** `command`: the command to explain, parsed as if it stood alone. */
  | { kind: 'explain'; command: Command }
  | { kind: 'help'; about?: CommandName }
  | { kind: 'tasks' };

/** A file of the repository; `commit`: 40 hex digits. */
export type InputsFile = { path: string; commit?: string };

/** The intents that start a job. */
export type StartIntent = Extract<Intent, { kind: 'compute' | 'run' }>;
