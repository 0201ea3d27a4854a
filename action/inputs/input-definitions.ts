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

export type ActionInputName = keyof typeof inputDefaults;

/** The secret inputs: they are masked before anything is printed. */
export const secretInputs = [
  'orchestrator-key',
  'github-token',
  'org-token',
] as const satisfies readonly ActionInputName[];

/** The inputs that name the command to run. */
export const commandInputs = ['command', 'task', 'compute'] as const satisfies readonly ActionInputName[];

/** Reads an input from the runner's environment, trimmed, with its default; undefined if it is empty. */
export const readInputText = (name: ActionInputName, environment: NodeJS.ProcessEnv): string | undefined => {
  const text = environment[`INPUT_${name.toUpperCase()}`]?.trim();
  if (text) return text;
  const defaultValue = inputDefaults[name];
  return defaultValue === null || defaultValue.startsWith('${{') ? undefined : defaultValue;
};
