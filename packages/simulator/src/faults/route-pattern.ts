/** What a pattern looks at: the template without parameter names, and the path. */
export interface Routed {
  readonly shape: string;
  readonly path: string;
}

/** Decides whether a request is on a route. */
export interface RoutePattern {
  fits(x: Routed): boolean;
}

/** Parameter names differ between documents (`{grantId}`, `{grant_id}`), so templates compare by shape. */
export function templateShape(template: string): string {
  return template.replace(/\{[^}]*\}/g, '{}').replace(/\/$/, '');
}

/** A template (with `{...}`) compares with the matched route; anything else is a pattern over the path. */
export function compileRoutePattern(route: string): RoutePattern {
  if (route.includes('{')) {
    const shape = templateShape(route);
    return { fits: (x) => x.shape === shape };
  }
  if (!route.includes('*')) {
    const path = route.replace(/\/$/, '');
    return { fits: (x) => x.path === path || x.path === `${path}/` };
  }
  const source = route
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  const expression = new RegExp(`^${source}$`);
  return { fits: (x) => expression.test(x.path) };
}
