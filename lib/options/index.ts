export { amounts, amountsOrOff } from './amounts.js';
export { answer, later, type Later, type Lazy } from './lazy.js';
export { has, mustBe } from './must-be.js';
