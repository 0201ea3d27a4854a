/** Every input of `action.yml`, with its default there; null without one. */
export const inputDefaults = {
  mode: 'auto',
  command: null,
  task: null,
  compute: null,
  algorithm: null,
  parameters: '{}',
  'orchestrator-url': null,
  'orchestrator-key': null,
  audience: null,
  'azure-client-id': null,
  'azure-tenant-id': null,
  'github-token': '${{ github.token }}',
  'org-token': null,
  wait: 'true',
  'timeout-minutes': '360',
  'cancel-on-abort': 'true',
  'reply-to': null,
  'idempotency-key': '${{ strategy.job-index }}',
} as const satisfies Record<string, string | null>;

export type InputName = keyof typeof inputDefaults;

/** The inputs that nobody may read: they are masked before anything is printed. */
export const secretInputs = [
  'orchestrator-key',
  'github-token',
  'org-token',
] as const satisfies readonly InputName[];

/** The inputs that say what to run. */
export const sources = ['command', 'task', 'compute'] as const satisfies readonly InputName[];

/** An input as the runner gives it: without the white space around it, undefined if that is nothing. */
export const inputText = (name: InputName, environment: NodeJS.ProcessEnv): string | undefined => {
  const given = environment[`INPUT_${name.toUpperCase()}`]?.trim();
  if (given) return given;
  const usual = inputDefaults[name];
  return usual === null || usual.startsWith('${{') ? undefined : usual;
};
