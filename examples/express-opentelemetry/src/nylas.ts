import { instrumentNylas } from '@nylas-otel/instrumentation'; // + nylas-otel
import { withRetry } from '@nylas-otel/retry'; // + nylas-otel
import sdk8 from 'nylas';
import NylasV2 from 'nylas-v2';
import { config } from './config.ts';

// The types of the package are those of its CommonJS face, where the class is one `default` deeper.
const Nylas = sdk8 as unknown as typeof sdk8.default;

/** API v3. */
export const nylas = new Nylas(config.nylasV3);
withRetry(nylas, { attempts: 3, hosts: config.nylasHosts }); // + nylas-otel

// API v2: `NylasV2.with(accessToken)` is a client for one mailbox.
NylasV2.config(config.nylasV2);
instrumentNylas(NylasV2); // + nylas-otel: installed under an alias, so no hook knows it by name

export { NylasV2 };
