// announce.js - what a screen reader is told. One polite and one urgent live region; what is said in one moment is said together.
import { byId } from "./dom.js";
import { visible } from "./visible.js";

const LONGEST = 2000;
const PAUSE = 60; // ms: the same words twice are a change only if the region was empty between
const queued = { polite: [], urgent: [] };

function say(id, text) {
  queued[id].push(visible(text));
  if (queued[id].length > 1) return;
  byId(id).textContent = "";
  setTimeout(() => {
    byId(id).textContent = queued[id].splice(0).join(". ").slice(0, LONGEST);
  }, PAUSE);
}

export const announce = (text) => say("polite", text);
export const announceUrgently = (text) => say("urgent", text);
