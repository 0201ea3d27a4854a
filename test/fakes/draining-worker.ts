/*
 * A worker that drains on SIGTERM: it exits with 0 after a moment. It sends a message when it is ready for that. With the argument `dies`,
 * it exits with 1 at once.
 */
if (process.argv[2] === 'dies') process.exit(1);
process.once('SIGTERM', () => setTimeout(() => process.exit(0), 100));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
