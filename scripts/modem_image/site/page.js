// SPDX-License-Identifier: MIT
// The page around the doctor: takes texts, hands them to the worker, shows the answer. What comes from a text
// gets into the page as text nodes alone.
"use strict";

(() => {
  const FOLDER = new URL("./", document.currentScript.src).href;
  const LARGE_PASTE = 200000; // characters; a text field with more of them freezes
  const MOST_OCTETS = 256 * 1024 * 1024;
  const PASTE = "paste"; // what answer.py calls it
  const WEIGHT = Number(document.body.dataset.weight); // octets of WebAssembly
  const EXAMPLE =
    "$ uname -r\n6.1.55-7.0\n$ lsusb\nBus 001 Device 001: ID 1d6b:0002 Linux Foundation 2.0 root hub\n" +
    "Bus 001 Device 004: ID 12d1:1f01 Huawei Technologies Co., Ltd. E353/E3131 (Mass storage mode)\n" +
    "$ usb_modeswitch -v\nbash: usb_modeswitch: command not found\n";

  const at = (id) => document.getElementById(id);
  const status = at("status");
  const field = at("text");
  let given = []; // files, and pasted texts that are too large for the field
  let worker = null;
  let ready = false;
  let total = 0; // octets of what is being read; 0 when nothing is

  // --- Small things ---------------------------------------------------------------------------------

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  }

  function say(text) {
    if (status.textContent !== text) {
      status.textContent = text;
    }
  }

  function megabytes(octets) {
    return octets < 100000 ? `${Math.ceil(octets / 1000)} KB` : `${(octets / 1e6).toFixed(1)} MB`;
  }

  // --- The worker -----------------------------------------------------------------------------------

  function start() {
    if (worker) {
      return;
    }
    // By way of a blob, so that the worker is bound to the page's policy: it cannot speak to anybody else either.
    const script = new Blob([`import ${JSON.stringify(`${FOLDER}worker.js`)};`], { type: "text/javascript" });
    const address = URL.createObjectURL(script);
    worker = new Worker(address, { type: "module" });
    worker.onmessage = ({ data }) => heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      failed(event.message || "a file of this site did not come");
    };
  }

  function stop() {
    worker?.terminate();
    worker = null;
    ready = false;
    idle();
  }

  function heard(message) {
    if (message.kind === "loading") {
      loading(message.done);
    } else if (message.kind === "ready") {
      ready = true;
      if (!total) {
        idle();
        say("The doctor is ready.");
      }
    } else if (message.kind === "reading") {
      reading(message.characters);
    } else if (message.kind === "answer") {
      idle();
      show(JSON.parse(message.answer));
    } else {
      failed(message.why);
    }
  }

  function failed(why) {
    stop();
    refuse(`The doctor stopped: ${why}. Reload the page; if it happens again, report it with this sentence.`);
  }

  function idle() {
    total = 0;
    at("work").hidden = true;
    at("ask").disabled = false;
  }

  function loading(done) {
    const bar = at("bar");
    at("work").hidden = false;
    bar.max = WEIGHT;
    bar.value = Math.min(done, WEIGHT);
    say(done < WEIGHT ? "Loading the doctor, once …" : "Starting the doctor …");
  }

  function reading(characters) {
    const bar = at("bar");
    bar.max = total || 1;
    if (characters > total) {
      bar.removeAttribute("value"); // it was packed: nobody knows how much is left
    } else {
      bar.value = characters;
    }
    const quarters = Math.min(3, Math.floor((4 * characters) / (total || 1)));
    say(characters && characters <= total ? `Reading: ${25 * quarters} %` : "Reading …");
  }

  // --- What is asked --------------------------------------------------------------------------------

  async function ask(event) {
    event.preventDefault();
    const texts = [...given];
    if (field.value.trim()) {
      texts.push(new File([field.value], PASTE));
    }
    if (!texts.length) {
      refuse("There is nothing to read yet: paste a text, or choose a file.");
      field.focus();
      return;
    }
    const size = texts.reduce((sum, text) => sum + text.size, 0);
    if (size > MOST_OCTETS) {
      refuse(`That is ${megabytes(size)}: give the part around the fault, ${megabytes(MOST_OCTETS)} at most.`);
      return;
    }
    const contents = [];
    for (const text of texts) {
      try {
        contents.push(await text.arrayBuffer());
      } catch {
        refuse(`${text.name}: cannot be read. Of a folder, give the files in it.`);
        return;
      }
    }
    at("answer").hidden = true;
    at("refused").hidden = true;
    at("ask").disabled = true;
    at("work").hidden = false;
    total = size || 1;
    start();
    if (ready) {
      reading(0);
    } else {
      say("Loading the doctor, once …");
    }
    worker.postMessage({ names: texts.map((text) => text.name), contents }, contents);
  }

  function refuse(sentence) {
    at("answer").hidden = true;
    const place = at("refused");
    place.hidden = false;
    place.textContent = sentence;
    say(sentence);
  }

  function give(files) {
    given = [...given, ...files];
    listed();
    start();
  }

  function listed() {
    const items = given.map((file, number) => {
      const label = file.name === PASTE ? "pasted text" : file.name;
      const button = element("button", { type: "button", "aria-label": `remove ${label}` }, "remove");
      button.addEventListener("click", () => {
        given = given.filter((_, other) => other !== number);
        listed();
        at("files").focus();
      });
      return element("li", {}, element("span", {}, `${label} (${megabytes(file.size)}) `), button);
    });
    at("given").replaceChildren(...items);
    at("files").value = "";
  }

  function pasted(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length || text.length > LARGE_PASTE) {
      event.preventDefault();
      give(files.length ? files : [new File([text], PASTE)]);
      say(files.length ? "The files are listed below the field." : "The text is listed below the field.");
    }
  }

  function dropped(event) {
    event.preventDefault();
    document.body.classList.remove("over");
    const files = [...event.dataTransfer.files];
    const text = event.dataTransfer.getData("text");
    if (files.length) {
      give(files);
      say(`${files.length === 1 ? files[0].name : `${files.length} files`}: ask the doctor.`);
    } else if (text.length > LARGE_PASTE) {
      give([new File([text], PASTE)]);
    } else if (text) {
      field.value += text;
    }
  }

  // --- The answer -----------------------------------------------------------------------------------

  const VERDICTS = {
    ok: "nothing is wrong in it",
    fault: "something is wrong",
    "insufficient-data": "the text does not show enough",
  };

  function show(answer) {
    if (answer.refused) {
      refuse(answer.refused);
      return;
    }
    at("next").hidden = !answer.next;
    at("next-step").textContent = answer.next;
    at("next").classList.toggle("bad", answer.verdict === "fault");
    const badge = element("span", { class: `badge ${answer.verdict}` }, answer.verdict);
    at("verdict").replaceChildren(badge, ` ${answer.input}: ${VERDICTS[answer.verdict]}`);
    at("findings").replaceChildren(...answer.findings.map(finding));
    const devices = answer.elsewhere.map((device) => element("li", {}, ...deviceOf(device)));
    at("usb").replaceChildren(...usb(answer.tree, devices));
    at("usb-part").hidden = !answer.tree.length && !devices.length;
    at("recognised").textContent = answer.recognised.join("\n");
    at("as-text").value = answer.text;
    at("answer").hidden = false;
    at("answer-head").focus();
    const count = answer.findings.length;
    say(`${VERDICTS[answer.verdict]}: ${count === 1 ? "one finding" : `${count} findings`}.`);
  }

  function finding(found) {
    const place = (seen) => (seen.line === undefined ? seen.source : `${seen.source}:${seen.line}`);
    const lines = [
      ...found.remedy.map((step) => element("dd", {}, element("strong", {}, "do: "), step)),
      ...found.evidence.map((seen) =>
        element("dd", {}, "seen: ", element("code", {}, place(seen)), ": ", seen.text),
      ),
    ];
    const head = element(
      "summary", {}, element("span", { class: found.severity }, found.severity), " ",
      element("code", {}, found.code), `: ${found.title}`,
    );
    const open = found.severity === "error" || found.code === "insufficient-data" ? { open: "" } : {};
    return element("details", open, head, element("dl", {}, ...lines));
  }

  function usb(roots, elsewhere) {
    const parts = roots.length ? [branch(roots)] : [];
    if (roots.length && elsewhere.length) {
      parts.push(element("p", {}, "The text does not show where these are plugged in:"));
    }
    if (elsewhere.length) {
      parts.push(element("ul", { class: "tree" }, ...elsewhere));
    }
    return parts;
  }

  function branch(nodes) {
    const items = nodes.map((node) =>
      element(
        "li", {}, element("span", { class: "note" }, node.place), " ",
        ...(node.device ? deviceOf(node.device) : []),
        node.children.length ? branch(node.children) : null,
      ),
    );
    return element("ul", { class: "tree" }, ...items);
  }

  function deviceOf(device) {
    const parts = [element("code", {}, device.usb || "id not shown"), ` ${device.name} `];
    if (device.ttys.length) {
      parts.push(element("span", { class: "note" }, device.ttys.join(", ")));
    }
    if (device.interfaces.length) {
      const heads = ["interface", "class", "function", "driver", "as"];
      const rows = device.interfaces.map((item) => {
        const driver = item.driver === null ? "not shown" : item.driver || "no driver";
        const mark = item.driver === null ? {} : { class: item.driver ? "ok" : "error" };
        return element(
          "tr", {}, element("td", {}, String(item.number)),
          element("td", {}, element("code", {}, item.triple || item.class || "not shown")),
          element("td", {}, item.function || ""), element("td", mark, driver),
          element("td", {}, item.tty || "", item.label ? ` OFONO_LABEL=${item.label}` : ""),
        );
      });
      const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
      const caption = element("caption", { class: "hidden" }, `interfaces of ${device.usb}`);
      const table = element("table", {}, caption, element("thead", {}, head), element("tbody", {}, ...rows));
      parts.push(element("div", { class: "scroll" }, table));
    }
    return parts;
  }

  async function copy() {
    const text = at("as-text");
    try {
      await navigator.clipboard.writeText(text.value); // only where the page came over https, or from here
    } catch {
      at("text-part").open = true;
      text.select();
      if (!document.execCommand("copy")) {
        say("The browser does not let the page copy: the text is selected, press Ctrl-C.");
        return;
      }
    }
    say("Copied. Identities that were found are masked; look through it before you post it.");
  }

  // --- Begin ----------------------------------------------------------------------------------------

  if (location.protocol === "file:" || typeof Worker !== "function" || typeof WebAssembly !== "object") {
    const why = location.protocol === "file:"
      ? "Opened as a file, a page may start no doctor. Serve the folder: modem-image serve DIR."
      : "This browser is too old: it has no WebAssembly. Use one of 2023 or later, or modem-image doctor.";
    refuse(why);
    return;
  }
  at("form").addEventListener("submit", ask);
  at("form").hidden = false;
  at("stop").addEventListener("click", () => {
    stop();
    say("Stopped.");
  });
  at("copy").addEventListener("click", copy);
  at("example").addEventListener("click", () => {
    field.value = EXAMPLE;
    field.focus();
  });
  at("files").addEventListener("change", () => give([...at("files").files]));
  field.addEventListener("focus", start, { once: true });
  field.addEventListener("paste", pasted);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", dropped);
})();
