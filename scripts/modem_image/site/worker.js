// SPDX-License-Identifier: MIT
// The doctor in a thread of its own: loads Python once, then answers one question after the other.

import { loadPyodide } from "./pyodide/pyodide.js";
import createPyodideModule from "./pyodide/pyodide.asm.js";

const here = new URL("./", import.meta.url).href;
const doctor = load();

// Counted while it comes, and compiled from its bytes: so no web server has to know WebAssembly's media type.
WebAssembly.instantiateStreaming = async (response, imports) => {
  const reader = (await response).body.getReader();
  const parts = [];
  let done = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    done += part.value.length;
    self.postMessage({ kind: "loading", done });
  }
  return WebAssembly.instantiate(await new Blob(parts).arrayBuffer(), imports);
};

async function load() {
  const [packed, pyodide] = await Promise.all([
    fetched(`${here}doctor.zip`),
    loadPyodide({ indexURL: `${here}pyodide/`, createPyodideModule }),
  ]);
  pyodide.unpackArchive(packed, "zip", { extractDir: "/doctor" });
  pyodide.runPython("import sys; sys.path.insert(0, '/doctor')");
  return pyodide.pyimport("modem_image.site.answer").ask;
}

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(`${address}: the web server answers ${response.status}`);
  }
  return response.arrayBuffer();
}

// One question: names and contents of texts. Its answer is JSON (answer.py), and Python's memory is kept.
self.onmessage = async ({ data: { names, contents } }) => {
  try {
    const ask = await doctor;
    self.postMessage({ kind: "reading", characters: 0 });
    const watch = (characters) => self.postMessage({ kind: "reading", characters });
    self.postMessage({ kind: "answer", answer: ask(names, contents, watch) });
  } catch (error) {
    self.postMessage({ kind: "failed", why: lastLine(error) });
  }
};

doctor.then(
  () => self.postMessage({ kind: "ready" }),
  (error) => self.postMessage({ kind: "failed", why: lastLine(error) }),
);

// Of Python's traceback the last line says what is wrong.
function lastLine(error) {
  return String(error?.message ?? error).trim().split("\n").pop();
}
