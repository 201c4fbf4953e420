// Starts the page: loads the wasm, removes the loading bar, and says in words what went wrong if it cannot start.
// The one script that is not Rust, because it must work when the Rust does not.

const WORDS = {
  ko: {
    title: "Kafkascope를 시작하지 못했습니다",
    unsupported: "이 브라우저는 WebAssembly를 지원하지 않습니다. 최신 버전의 Chrome, Edge, Firefox 또는 Safari에서 열어 주세요.",
    load: "프로그램 파일을 내려받지 못했습니다. 네트워크 연결을 확인하고 다시 시도해 주세요.",
    start: "프로그램이 시작하는 중에 멈췄습니다. 저장된 데이터는 그대로 있습니다.",
    retry: "다시 시도",
    details: "자세한 오류",
  },
  en: {
    title: "Kafkascope could not start",
    unsupported: "This browser has no WebAssembly. Please use a current Chrome, Edge, Firefox or Safari.",
    load: "A program file could not be downloaded. Please check the network connection and try again.",
    start: "The program stopped while starting. Stored data has not been touched.",
    retry: "Try again",
    details: "The error itself",
  },
};

async function start() {
  if (typeof WebAssembly !== "object") throw failure("unsupported");
  const url = (id) => document.getElementById(id).href;
  // The response goes to the compiler as it is: that keeps streaming compilation and the browser's compiled-code cache.
  const wasm = fetch(url("app-wasm")).then((response) => {
    if (!response.ok) throw new Error(`${response.status} ${response.statusText} ${response.url}`);
    return response;
  });
  const [glue] = await Promise.all([import(url("app-js")), wasm]).catch((cause) => {
    throw failure("load", cause);
  });
  await glue.default({ module_or_path: wasm }).catch((cause) => {
    throw failure("start", cause);
  });
  document.getElementById("boot").remove();
}

function failure(reason, cause) {
  return Object.assign(new Error(reason, { cause }), { reason });
}

function show(error) {
  console.error(error.cause ?? error);
  const lang = navigator.language.startsWith("ko") ? "ko" : "en";
  const words = WORDS[lang];
  const boot = document.getElementById("boot");
  boot.lang = lang;
  boot.removeAttribute("aria-busy");
  const add = (parent, tag, text = "") => {
    const element = parent.appendChild(document.createElement(tag));
    element.textContent = text;
    return element;
  };
  boot.replaceChildren();
  const alert = add(boot, "div");
  alert.setAttribute("role", "alert");
  add(alert, "h1", words.title);
  add(alert, "p", words[error.reason] ?? words.start);
  if (error.reason === "unsupported") return;
  add(alert, "button", words.retry).addEventListener("click", () => location.reload());
  const details = add(alert, "details");
  add(details, "summary", words.details);
  add(details, "pre", String(error.cause ?? error));
}

start().catch(show);
