export { later, type Later, type Lazy } from './lazy.js';
export { mustBe } from './must-be.js';
