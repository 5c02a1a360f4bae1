import { ACCOUNT_STATES, PROVIDERS } from '@nylas-otel/nylas-api';
import {
  PROVIDERS as PROVIDERS_OF_THE_CONTRACT,
  ACCOUNT_STATES as STATES_OF_THE_CONTRACT,
} from '@nylas-otel/semantic-conventions';
import { expect, it } from 'vitest';

// Neither package of the ground floor imports the other.
it('knows the same account states and providers of Nylas as the contract lets telemetry say', () => {
  expect(ACCOUNT_STATES).toEqual(STATES_OF_THE_CONTRACT);
  expect(PROVIDERS).toEqual(PROVIDERS_OF_THE_CONTRACT);
});
