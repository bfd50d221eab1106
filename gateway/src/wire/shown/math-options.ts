/** How KaTeX reads formulas of notebooks: it is trusted with no address and no markup, and gives up what grows without end. */
export const MATH_OPTIONS = {
  throwOnError: false,
  trust: false,
  strict: 'ignore',
  maxSize: 20,
  maxExpand: 500,
} as const;
