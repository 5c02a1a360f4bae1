/** The names of our variables and what is near to them, for `nylas-otel` (the command): loads nothing else. */
export { knownVariables } from './options/environment.ts';
export { didYouMean } from './options/nearest-name.ts';
