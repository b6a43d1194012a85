export { allow, approvals, deny, policy, type Criteria, type Rule } from './policy.js';
export type { Pattern } from './pattern.js';
