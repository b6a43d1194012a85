export { amounts, amountsOrOff } from './amounts.js';
export { has, mustBe } from './must-be.js';
