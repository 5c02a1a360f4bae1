// @ts-check
/** The command line. Plain JavaScript: `run.mjs` reads it on Node 20 before anything is installed. */

const USAGE = `npm run demo [-- --once]

Runs examples/express-opentelemetry against a simulated Nylas, with traffic and faults, and shows what
nylas-otel makes of it. Nothing leaves this machine but the install.

  --once   end when everything was shown: with 0 if all that is promised was seen, else with 1
  --help   this text

DEMO_SKIP_SETUP=1   do not install and build first`;

/**
 * Reads the command line; prints how to use it and ends the process where it cannot be used or help is asked for.
 *
 * @param {readonly string[]} args
 */
export function readArguments(args) {
  const unknown = args.find((argument) => argument !== '--once' && argument !== '--help');
  if (unknown !== undefined) {
    console.error(`There is no argument ${unknown}.\n\n${USAGE}`);
    process.exit(2);
  }
  if (args.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  return { once: args.includes('--once') };
}
