// @ts-check
/** Puts the quizzes of a page in the place of what stands there for readers without scripts. */
import { browserHost, mount } from "./form.js";

for (const place of document.querySelectorAll(".cx-quiz[data-quiz]")) {
  const spec = JSON.parse(place.querySelector("script[type='application/json']")?.textContent ?? "null");
  if (spec) mount(/** @type {HTMLElement} */ (place), { spec, host: browserHost(spec.key) });
}
