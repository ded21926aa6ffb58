// The conversation: its messages and their answers.

const IMAGE_TYPES = byId("files").accept.split(",");

let turns = []; // {content, answer, element}; `answer` is its text, which later requests repeat
let images = []; // {name, url} that go with the next message
let running = null; // the AbortController of the current request

// Sending

function sendMessage() {
  const text = byId("prompt").value.trim();
  if (running || (!text && !images.length)) return;
  const parts = images.map(({ url }) => ({ type: "image_url", image_url: { url } }));
  if (text) parts.unshift({ type: "text", text });
  const turn = { content: parts.length === 1 && text ? text : parts, answer: "", element: element("div.turn") };
  const body = requestBody(messagesWith(turn));
  if (!body) return;
  turn.element.append(messageView(text, images));
  turns.push(turn);
  byId("turns").append(turn.element);
  byId("empty").hidden = true;
  byId("prompt").value = "";
  setImages([]);
  run(turn, body);
}

/** The conversation up to a turn. Turns without an answer are left out: models expect roles to alternate. */
function messagesWith(turn) {
  const asked = ({ content }) => ({ role: "user", content });
  const answered = turns.filter((other) => other !== turn && other.answer);
  return [...answered.flatMap((other) => [asked(other), { role: "assistant", content: other.answer }]), asked(turn)];
}

async function run(turn, body) {
  const view = new AnswerView({ base: BASE, body, hasKey: session !== null || key() !== "" }, follow);
  const stopper = new AbortController();
  turn.element.append(view.element);
  setRunning(stopper);
  announce("Waiting for the answer.");
  byId("prompt").focus();
  await ask(body, view, stopper.signal);
  turn.answer = view.answer.content;
  view.finished(stopper.signal.aborted, () => retry(turn, view));
  if (running === stopper) setRunning(null);
}

/** Ask for the last answer again, with the current settings. */
function retry(turn, view) {
  const body = !running && requestBody(messagesWith(turn));
  if (!body) return;
  view.element.remove();
  run(turn, body);
}

function setRunning(stopper) {
  running = stopper;
  // A hidden button can't keep the focus.
  if (document.activeElement === byId("stop")) byId("prompt").focus();
  byId("send").hidden = running !== null;
  byId("stop").hidden = running === null;
  if (running) isFollowing = true;
  follow();
}

function newChat() {
  running?.abort();
  setRunning(null);
  turns = [];
  byId("turns").replaceChildren();
  byId("empty").hidden = false;
  byId("prompt").focus();
}

// Showing

let isFollowing = true; // until the reader scrolls up
let followFrame = 0;

/** Keep the end in view. Once a frame, since reading scrollHeight forces a layout. */
function follow() {
  followFrame ||= requestAnimationFrame(() => {
    followFrame = 0;
    if (isFollowing) byId("conversation").scrollTop = byId("conversation").scrollHeight;
  });
}

function messageView(text, shownImages) {
  const pictures = shownImages.map(({ name, url }) => element("img", { src: url, alt: name }));
  return element("article.question", { ariaLabel: "You" }, ...pictures, text ? element("p", text) : null);
}

// Images

async function addImages(files) {
  const read = await Promise.all([...files].map(async (file) => ({ name: file.name, url: await dataURI(file) })));
  const refused = read.filter(({ url }) => !url).map(({ name }) => name);
  byId("problem").textContent = refused.length ? `No readable PNG, JPEG, GIF or WebP image: ${refused.join(", ")}` : "";
  setImages([...images, ...read.filter(({ url }) => url)]);
}

/** Null if it isn't an image, or can't be read. */
function dataURI(file) {
  if (!IMAGE_TYPES.includes(file.type)) return null;
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.result);
    reader.readAsDataURL(file);
  });
}

function setImages(list) {
  images = list;
  byId("images").replaceChildren(
    ...images.map((image) => {
      const { name, url } = image;
      const remove = button("×", () => {
        setImages(images.filter((other) => other !== image));
        byId("prompt").focus();
      });
      return element("li", element("img", { src: url, alt: name }), Object.assign(remove, { ariaLabel: `Remove ${name}` }));
    }),
  );
}

// Keys, pointer and clipboard

function startChat() {
  on("composer", "submit", (event) => {
    event.preventDefault();
    sendMessage();
  });
  on("prompt", "keydown", (event) => {
    // While an input method composes a word, Enter accepts it. Safari shows that only by code 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    sendMessage();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) running?.abort();
  });
  on("stop", "click", () => {
    running?.abort();
    byId("prompt").focus();
  });
  on("new-chat", "click", newChat);
  on("conversation", "scroll", ({ currentTarget: view }) => {
    isFollowing = view.scrollHeight - view.scrollTop - view.clientHeight < 40;
  });
  for (const example of byId("examples").children) {
    example.addEventListener("click", () => {
      byId("prompt").value = example.textContent;
      byId("prompt").focus();
    });
  }
  startImages();
}

function startImages() {
  on("attach", "click", () => byId("files").click());
  on("files", "change", ({ currentTarget: field }) => {
    addImages(field.files);
    field.value = "";
  });
  on("prompt", "paste", (event) => {
    const { files, types } = event.clipboardData;
    // Office programs add a picture to copied text.
    if (!files.length || (types.includes("text/html") && types.includes("text/plain"))) return;
    event.preventDefault();
    addImages(files);
  });
  // Fields take dropped text. Elsewhere, the browser would open a dropped link.
  const isText = ({ target, dataTransfer }) => target.select && !dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => isText(event) || event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (isText(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) addImages(event.dataTransfer.files);
  });
}

byId("app").hidden = false;
startChat();
startSettings();
