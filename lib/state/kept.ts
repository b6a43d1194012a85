/** What there was before, as long as all its members are still the same; or else what there is now. */
export const kept = <T extends object>(before: T | null | undefined, now: T): T =>
  before &&
  Object.keys(before).length === Object.keys(now).length &&
  Object.entries(now).every(([name, value]) => before[name as keyof T] === value)
    ? before
    : now;
