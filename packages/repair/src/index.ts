export type { NylasStore } from '@nylas-otel/store';
