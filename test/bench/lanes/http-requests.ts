import { channel } from 'node:diagnostics_channel';
import { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { NylasInstrumentation } from '@nylas-otel/instrumentation';
import { type LaneWork, serveLane } from '../measure/lane-process.ts';

const created = channel('http.client.request.created');
const start = channel('http.client.request.start');
const finish = channel('http.client.response.finish');

const response = Object.assign(new IncomingMessage(new Socket()), { statusCode: 200 });

// Takes every request and never gives it a socket.
const NO_AGENT = Object.assign(new Agent(), { addRequest: () => {} });

/** Publishes node:http's events for real request objects of another host. Argument: `with` or `without` us. */
await serveLane(([ours]): LaneWork => {
  if (ours === 'with') new NylasInstrumentation();
  // A request object carries what was found out about it, so each is shown once; they are made outside the timed part.
  let requests: ClientRequest[] = [];
  return {
    // Few at a time: a real request is fresh in the processor's cache.
    batch: 512,
    prepare(times) {
      requests = Array.from({ length: times }, () => unpublished());
    },
    async run() {
      for (const request of requests) {
        if (created.hasSubscribers) created.publish({ request });
        if (start.hasSubscribers) start.publish({ request });
        if (finish.hasSubscribers) finish.publish({ request, response });
      }
    },
    check: async () => ({}),
  };
});

// The constructor publishes `created` itself: it must not reach our subscriber before the timed part.
function unpublished(): ClientRequest {
  const { publish } = created;
  created.publish = () => {};
  try {
    return new ClientRequest({
      host: 'api.stripe.com',
      path: '/v1/customers',
      headers: { authorization: 'Bearer x', accept: 'application/json' },
      agent: NO_AGENT,
    });
  } finally {
    created.publish = publish;
  }
}
