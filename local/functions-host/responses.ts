/** Returns an error in the app's own format. */
export const problemResponse = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response =>
  Response.json(
    { error: { code, field: null, message, expected: null, received: null } },
    { status, headers },
  );

/** Returns a response without a body. */
export const emptyResponse = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers });

/** Returns an error in the format of Durable Functions and Event Grid. */
export const messageResponse = (status: number, message: string): Response =>
  Response.json({ Message: message }, { status });
