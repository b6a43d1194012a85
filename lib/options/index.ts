export { amounts, amountsOrOff } from './amounts.js';
export { has, mustBe } from './must-be.js';
export { mustBeKnown } from './must-be-known.js';
