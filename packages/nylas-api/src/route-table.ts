import type { EndpointClass } from './endpoint-class.ts';

/** Methods that a documented Nylas route has. */
type DocumentedMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One row of a route table: what is known of a template for some of its methods. A template has several rows when its
 * methods differ in class or in whether they reach the mail provider.
 */
export type RouteRow = readonly [
  resource: string,
  template: string,
  endpointClass: EndpointClass,
  proxied: boolean,
  operations: Readonly<Partial<Record<DocumentedMethod, string>>>,
];
