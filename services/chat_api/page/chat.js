// The built-in chat page: one WebSocket, one conversation. The token stays in memory only.

const CLOSED_UNAUTHENTICATED = 4001;
const LONGEST_PAUSE = 10_000;
const PING_EVERY = 25_000;

const element = (id) => document.getElementById(id);
const log = element("log");

const chat = {
  socket: null,
  token: null,
  sessionId: null,
  seq: 0, // the last event that the page has shown; where a lost connection is taken up again
  hasEvents: false,
  unconfirmed: new Map(), // client_msg_id → { content, node }
  running: 0,
  pause: 500,
};

/** One answer on the page, kept in pieces so that a rewind can take the void ones away. */
class Answer {
  constructor() {
    this.node = addMessage("answer");
    this.pieces = [];
  }

  text(seq, delta) {
    this.add(seq, document.createTextNode(delta));
  }

  tool(seq, id, text) {
    const node = document.createElement("span");
    node.className = "tool";
    node.dataset.call = id;
    node.textContent = text;
    this.add(seq, node);
  }

  add(seq, node) {
    this.pieces.push({ seq, node });
    this.node.append(node);
  }

  rewind(place) {
    for (const piece of this.pieces.filter(({ seq }) => seq > place)) piece.node.remove();
    this.pieces = this.pieces.filter(({ seq }) => seq <= place);
  }
}

let answer = null;

function addMessage(kind, text = "") {
  const node = document.createElement("div");
  node.className = `message ${kind}`;
  node.textContent = text;
  log.append(node);
  return node;
}

function say(text) {
  element("status").textContent = text;
}

function showControls() {
  const open = chat.socket?.readyState === WebSocket.OPEN && chat.sessionId !== null;
  element("send").disabled = !open;
  element("new").disabled = !open;
  element("cancel").disabled = !open || chat.running === 0;
  if (open) say(chat.running > 0 ? "Answering…" : "Connected");
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/chat`);
  chat.socket = socket;
  let isFirst = true;
  socket.onopen = () => {
    if (chat.token) send({ type: "auth", token: chat.token });
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (isFirst && message.type === "system") {
      isFirst = false;
      begin(message);
    } else {
      take(message);
    }
  };
  socket.onclose = ({ code, reason }) => {
    if (chat.socket !== socket) return;
    showControls();
    if (code === CLOSED_UNAUTHENTICATED) {
      askForToken(reason || "That key is not valid.");
      return;
    }
    say("Connection lost, trying again…");
    setTimeout(connect, chat.pause);
    chat.pause = Math.min(chat.pause * 2, LONGEST_PAUSE);
  };
}

function send(message) {
  if (chat.socket?.readyState === WebSocket.OPEN) chat.socket.send(JSON.stringify(message));
}

/** The connection stands: go on where it broke off, and repeat what was not confirmed. */
function begin(message) {
  chat.pause = 500;
  chat.sessionId ??= message.session_id;
  element("login").hidden = true;
  if (chat.hasEvents) send({ type: "resume", session_id: chat.sessionId, after: chat.seq });
  for (const [id, { content }] of chat.unconfirmed) sendUser(id, content);
  showControls();
}

function sendUser(id, content) {
  send({ type: "user", content, session_id: chat.sessionId, client_msg_id: id });
}

function take(message) {
  if (message.session_id && message.session_id !== chat.sessionId) return;
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  if (typeof message.seq === "number" && message.status !== "idle") {
    if (message.seq <= chat.seq) return;
    chat.seq = message.seq;
    chat.hasEvents = true;
  }
  handlers[message.type]?.(message);
  if (atEnd) log.scrollTop = log.scrollHeight;
  showControls();
}

function current() {
  answer ??= new Answer();
  return answer;
}

const handlers = {
  stream_chunk: ({ seq, delta }) => current().text(seq, delta),
  tool_call: ({ seq, id, name, arguments: values }) =>
    current().tool(seq, id, `${name} ${JSON.stringify(values)}`),
  tool_result: ({ id, ok, summary }) => {
    const call = current().node.querySelector(`[data-call="${CSS.escape(id)}"]`);
    if (!call) return;
    call.append(`\n${ok ? "✓" : "✗"} ${summary}`);
    call.classList.toggle("failed", !ok);
  },
  stream_rewind: ({ to }) => answer?.rewind(to),
  stream_end: ({ usage }) => {
    if (usage) {
      const foot = document.createElement("span");
      foot.className = "foot";
      const cost = usage.cost_usd === null ? "" : `, $${usage.cost_usd.toFixed(4)}`;
      foot.textContent = `${usage.input_tokens} + ${usage.output_tokens} tokens${cost}`;
      current().node.append(foot);
    }
    answer = null;
    chat.running = Math.max(0, chat.running - 1);
  },
  error: ({ content, code, client_msg_id: id }) => {
    addMessage("problem", code === "cancelled" ? "Cancelled." : content);
    if (id && chat.unconfirmed.delete(id)) chat.running = Math.max(0, chat.running - 1);
  },
  system: ({ status, client_msg_id: id }) => {
    if (status === "accepted" && id) {
      chat.unconfirmed.get(id)?.node.classList.remove("unsent");
      chat.unconfirmed.delete(id);
    } else if (status === "idle") {
      chat.running = chat.unconfirmed.size;
    } else if (status?.startsWith("pending")) {
      addMessage("problem", "The answer waits for a decision; see the dashboard.");
    }
  },
};

function askForToken(problem) {
  chat.token = null;
  say("Not connected");
  element("login-problem").textContent = problem;
  element("login").hidden = false;
  element("token").focus();
}

function ask() {
  const field = element("text");
  const content = field.value.trim();
  if (!content || element("send").disabled) return;
  field.value = "";
  const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  chat.unconfirmed.set(id, { content, node: addMessage("own unsent", content) });
  chat.running += 1;
  sendUser(id, content);
  log.scrollTop = log.scrollHeight;
  showControls();
}

element("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});

element("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask();
  }
});

element("cancel").addEventListener("click", () => send({ type: "cancel" }));

element("new").addEventListener("click", () => {
  Object.assign(chat, { sessionId: null, seq: 0, hasEvents: false, running: 0 });
  chat.unconfirmed.clear();
  answer = null;
  log.replaceChildren();
  chat.socket.onclose = null;
  chat.socket.close();
  connect();
});

element("login").addEventListener("submit", (event) => {
  event.preventDefault();
  chat.token = element("token").value.trim();
  element("token").value = "";
  element("login-problem").textContent = "";
  say("Connecting…");
  connect();
});

setInterval(() => send({ type: "ping" }), PING_EVERY);

const settings = await (await fetch("/page/settings")).json();
if (settings.needs_token) askForToken("");
else connect();
