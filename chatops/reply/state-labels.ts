import type { JobState } from '../../compute/client/index.ts';

type StateLabel = {
  emoji: string;
  /** Describes the state, with the command as subject. */
  words: string;
  /** The stage of the job, which never decreases. */
  stage: number;
  /** How the job ended; absent until then. */
  end?: 'well' | 'badly';
};

const stateLabels = {
  queued: { emoji: '⏳', words: 'is queued', stage: 0 },
  waiting: { emoji: '⏸️', words: 'is waiting', stage: 1 },
  running: { emoji: '🚣', words: 'is running', stage: 2 },
  completed: { emoji: '✅', words: 'completed', stage: 3, end: 'well' },
  'completed-with-failures': { emoji: '⚠️', words: 'completed with failures', stage: 3, end: 'badly' },
  failed: { emoji: '❌', words: 'failed', stage: 3, end: 'badly' },
  canceled: { emoji: '🛑', words: 'was canceled', stage: 3, end: 'badly' },
  'timed-out': { emoji: '⌛', words: 'timed out', stage: 3, end: 'badly' },
} as const satisfies Record<JobState, StateLabel>;

export const getStateLabel = (state: JobState): StateLabel => stateLabels[state];

/** Returns whether a text is the name of a state. */
export const isJobState = (name: string): name is JobState => Object.hasOwn(stateLabels, name);
