import { NylasOtelError } from '../errors.ts';
import type { Sweep } from '../nylas/sweep-accounts.ts';

/** The error for accounts that could not be read. */
export function failedSweep({ outcome, problem, message }: Sweep): NylasOtelError {
  if (outcome === 'cancelled') {
    return new NylasOtelError(
      'interrupted',
      'Interrupted before all accounts were read.',
      'Run the command again.',
    );
  }
  const refused = problem === 'invalid_credentials' || problem === 'forbidden';
  return new NylasOtelError(
    refused ? 'refused' : 'unreachable',
    message ?? `The accounts could not be read (${problem ?? outcome}).`,
    'nylas-otel doctor says what is wrong.',
  );
}
