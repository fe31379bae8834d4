import type { ComponentChildren } from 'preact';

/** A link to a page of the console. @param to of `at` in route.ts */
export function Link({ to, current = false, class: kind, children }: { readonly to: string; readonly current?: boolean; readonly class?: string; readonly children: ComponentChildren }) {
  return <a href={to} class={kind} {...(current ? { 'aria-current': 'page' as const } : {})}>{children}</a>;
}
