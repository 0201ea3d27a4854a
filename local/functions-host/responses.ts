/** The app's own error form, as in the HTTP API of `docs/http-api.md`. */
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

/** An answer that says it all with its status. */
export const emptyResponse = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers });

/** Durable Functions' and Event Grid's error form. */
export const messageResponse = (status: number, message: string): Response =>
  Response.json({ Message: message }, { status });
