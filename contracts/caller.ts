import * as v from 'valibot';

/** The kinds of credentials: the platform's own key, a key of `COXSWAIN_KEYS`, or the token of a workflow or an application. */
const callerKinds = ['platform', 'key', 'workflow', 'application'] as const;

/** The caller of the API, as the orchestrator knows it from the credential, regardless of the request. */
export const CallerName = v.object({
  kind: v.picklist(callerKinds),
  /** The name of the key, the file and ref of the workflow, or the id of the application. */
  name: v.string(),
  /** Whether it is an entry (a bot or an Action), which has verified the people that it names. */
  entry: v.boolean(),
});
export type CallerName = v.InferOutput<typeof CallerName>;
