/** The limits that the orchestrator's operator sets. They are at most the `limits` of the request format. */
export type RequestLimits = {
  /** The maximum number of inputs and of blocks per job. */
  inputs: number;
  blocks: number;
  /** The maximum timeout of a job, in seconds. */
  timeoutSeconds: number;
  /** The maximum size of one upload of inputs, in bytes. */
  inputBytes: number;
};
