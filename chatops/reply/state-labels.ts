import type { Job, JobReason, JobState } from '../../compute/client/index.ts';

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

/** Ends that have a label of their own, because the label of their state would say something else. */
const endLabels: Partial<Record<JobReason, Pick<StateLabel, 'emoji' | 'words'>>> = {
  rejected: { emoji: '🚫', words: 'was rejected' },
  'approval-expired': { emoji: '⌛', words: 'expired' },
  terminated: { emoji: '🛑', words: 'was terminated' },
};

/** A running task whose script has not started. */
const launchLabel = { emoji: '⏳', words: 'is starting' };

/** Returns how a job's state is shown. @param job without the reason of an end and its launch, only its state is known */
export const getStateLabel = ({
  state,
  reason = null,
  launch = null,
}: {
  state: JobState;
  reason?: Job['reason'];
  launch?: Job['launch'];
}): StateLabel => ({
  ...stateLabels[state],
  ...(state === 'running' && launch ? launchLabel : {}),
  ...(reason === null ? {} : endLabels[reason]),
});

/** Returns whether a text is the name of a state. */
export const isJobState = (name: string): name is JobState => Object.hasOwn(stateLabels, name);
