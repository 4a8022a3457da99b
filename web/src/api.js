// The one way to the API: unwraps the envelope, and turns its refusals into errors that carry their problems.

export class Refusal extends Error {
  constructor(answer, status) {
    super(answer.error ?? "The server gave no answer that can be read.");
    this.code = answer.code ?? "UNREADABLE";
    this.problems = answer.problems ?? [];
    this.requestId = answer.request_id ?? "";
    this.status = status;
  }
}

export async function call(method, path, body) {
  const response = await sent(method, path, body);
  const answer = await response.json().catch(() => ({}));
  if (!answer.success) throw new Refusal(answer, response.status);
  return answer.data;
}

/** Have the browser keep a file that is made while one waits; a refusal is an error as anywhere. */
export async function download(path, name) {
  const response = await sent("GET", path);
  if (!response.ok) throw new Refusal(await response.json().catch(() => ({})), response.status);
  const address = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function sent(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal({ error: "The server cannot be reached. Check that it is running, then try again." }, 0);
  }
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  }
  return response;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));
