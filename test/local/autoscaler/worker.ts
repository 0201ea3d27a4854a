/*
 * A worker that drains when it is asked to: it ends a moment later, with 0. It says when it is ready for that.
 * With the argument `dies`, it ends at once with 1.
 */
if (process.argv[2] === 'dies') process.exit(1);
process.once('SIGTERM', () => setTimeout(() => process.exit(0), 100));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
