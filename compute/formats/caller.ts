import * as v from 'valibot';

/** What a caller of the API has shown: the platform's own key, a key of `COXSWAIN_KEYS`, or the token of a workflow or an application. */
export const callerKinds = ['platform', 'key', 'workflow', 'application'] as const;

/** Who called the API, by the credential: what the orchestrator itself knows, whatever the request says. */
export const CallerName = v.object({
  kind: v.picklist(callerKinds),
  /** The key's name, the workflow's file and ref, the application's id. */
  name: v.string(),
  /** Whether it is an entry (a bot, an Action): it has verified the persons that it names. */
  entry: v.boolean(),
});
export type CallerName = v.InferOutput<typeof CallerName>;
