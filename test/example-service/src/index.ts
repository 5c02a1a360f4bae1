export { type ExampleBesideSimulator, exampleBesideSimulator } from './example-beside-simulator.ts';
export { specifyMailboxService } from './specify-mailbox-service.ts';
export { type Example, startExample } from './start-example.ts';
export { sumOf } from './sum-of.ts';
