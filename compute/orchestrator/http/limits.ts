/** The bounds that the orchestrator's operator sets: `limits` of the request's format, or less. */
export type RequestLimits = {
  /** The most inputs and blocks a job may have. */
  inputs: number;
  blocks: number;
  /** The longest timeout of a job, in seconds. */
  timeoutSeconds: number;
  /** The most bytes of inputs that are uploaded at once. */
  inputBytes: number;
};
