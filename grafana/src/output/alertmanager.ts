/** An alert that explains others: while it fires they are held back, where these labels agree. */
interface Inhibition {
  readonly source: string;
  readonly explains: readonly string[];
  readonly equal: readonly string[];
  readonly because: string;
}

/** What explains what. */
const INHIBITIONS: readonly Inhibition[] = [
  {
    source: 'NylasPlatformIncident',
    explains: [
      'NylasErrorBudgetBurnFast',
      'NylasErrorBudgetBurnSlow',
      'NylasLatencyHigh',
      'NylasRetriesExhausted',
      'NylasRetryBudgetEmpty',
      'NylasWebhookLagHigh',
      'NylasWebhookSilence',
      'NylasPollStale',
    ],
    equal: [],
    because:
      'Nylas knows and works on it; request metrics carry no application, so one incident explains them all.',
  },
  {
    source: 'NylasMassFailure',
    explains: ['NylasAccountsInvalidSpike', 'NylasAccountsInvalidRatioHigh', 'NylasAccountsNotSyncing'],
    equal: ['nylas_application'],
    because: 'The single states are parts of it.',
  },
  {
    source: 'NylasCredentialsRejected',
    explains: ['NylasPollStale', 'NylasRepairFailing', 'NylasWebhookRecoveryFailing'],
    equal: [],
    because: 'Without a valid key nothing of ours can ask Nylas; a sidecar is another job than the service.',
  },
  {
    source: 'NylasApplicationDisabled',
    explains: ['NylasPollStale', 'NylasRepairFailing', 'NylasWebhookRecoveryFailing', 'NylasWebhookSilence'],
    equal: [],
    because: 'A disabled application may do nothing.',
  },
  {
    source: 'NylasErrorBudgetBurnFast',
    explains: ['NylasErrorBudgetBurnSlow', 'NylasRetriesExhausted', 'NylasRetryBudgetEmpty'],
    equal: ['job'],
    because: 'It is the same fire, seen closer.',
  },
  {
    source: 'NylasWebhookDestinationFailed',
    explains: ['NylasWebhookDestinationFailing', 'NylasWebhookSilence', 'NylasWebhookRedeliveries'],
    equal: [],
    because: 'Nylas stopped to deliver.',
  },
  {
    source: 'NylasWebhookRefused',
    explains: ['NylasWebhookRedeliveries', 'NylasWebhookLagHigh'],
    equal: ['job'],
    because: 'What we refuse comes again, and later.',
  },
  {
    source: 'NylasAccountStuck',
    explains: ['NylasAccountsNotSyncing'],
    equal: ['nylas_application', 'nylas_account_state'],
    because: 'The state is the same; the age says more.',
  },
];

/** An example to be merged into your own configuration: routes by severity and component, and the inhibitions. */
export function alertmanagerExample(): object {
  return {
    route: {
      receiver: 'nylas-chat',
      group_by: ['alertname', 'job', 'nylas_application'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        {
          matchers: ['component=~"nylas-.+"', 'severity="critical"'],
          receiver: 'nylas-pager',
          group_wait: '10s',
          repeat_interval: '4h',
        },
        {
          matchers: ['component=~"nylas-(accounts|repair)"', 'severity="warning"'],
          receiver: 'nylas-support-desk',
          repeat_interval: '24h',
        },
        { matchers: ['component=~"nylas-.+"', 'severity="warning"'], receiver: 'nylas-chat' },
        { matchers: ['component=~"nylas-.+"', 'severity="info"'], receiver: 'nobody' },
      ],
    },
    inhibit_rules: INHIBITIONS.map(({ source, explains, equal }) => ({
      source_matchers: [`alertname="${source}"`],
      target_matchers: [`alertname=~"${explains.join('|')}"`],
      ...(equal.length > 0 ? { equal } : {}),
    })),
    receivers: [
      { name: 'nobody' },
      { name: 'nylas-pager', webhook_configs: [webhook('pager')] },
      { name: 'nylas-chat', webhook_configs: [webhook('chat')] },
      { name: 'nylas-support-desk', webhook_configs: [webhook('support-desk')] },
    ],
  };
}

function webhook(path: string): object {
  return { url: `http://alert-receiver.example:8080/${path}`, send_resolved: true };
}
