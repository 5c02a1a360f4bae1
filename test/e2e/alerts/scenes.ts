import type { Cause } from './causes.ts';
import { ACCOUNTS } from './scenes/accounts.ts';
import { DELIVERIES } from './scenes/deliveries.ts';
import { HANDLING } from './scenes/handling.ts';
import { MISSED_WEBHOOKS, PLATFORM } from './scenes/missed-webhooks.ts';
import { REQUESTS } from './scenes/requests.ts';
import { SCRIPTED } from './scenes/scripted.ts';
import { V2_ACCOUNTS } from './scenes/v2-accounts.ts';
import type { FullStage, Stage } from './stage.ts';

/** Causes that happen one after the other; scenes do not touch each other and go on at the same time. */
export interface Scene<S extends Stage> {
  readonly about: string;
  readonly causes: readonly Cause<S>[];
}

const SCENES: readonly Scene<Stage>[] = [
  { about: 'calls to Nylas', causes: REQUESTS },
  { about: 'accounts', causes: ACCOUNTS },
  { about: 'deliveries of webhooks', causes: DELIVERIES },
  { about: 'missed webhooks', causes: MISSED_WEBHOOKS },
  { about: 'the platform', causes: PLATFORM },
];

/** Every alert. */
export const ALL_SCENES: readonly Scene<FullStage>[] = [
  ...SCENES,
  { about: 'handling of webhooks', causes: HANDLING },
  { about: 'accounts of API v2', causes: V2_ACCOUNTS },
  { about: 'what no fault can cause', causes: SCRIPTED },
];

/** A part that stands for all. */
export const PART: readonly Scene<Stage>[] = SCENES.map(({ about, causes }) => ({
  about,
  causes: causes.filter(({ always }) => always),
}));
