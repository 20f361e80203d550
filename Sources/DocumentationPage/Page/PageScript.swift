/// The page's script: it sends the forms, shows the responses and updates the curl lines.
///
/// Text from a form or a response is inserted as text (`textContent`, `value`), never as markup.
enum PageScript {
    static let text = #"""
        "use strict";

        const operations = [];
        const all = (selector, root = document) => [...root.querySelectorAll(selector)];
        const quoted = text => "'" + text.replaceAll("'", "'\\''") + "'";

        // What the form stands for: an object like that which fetch takes, and the path.
        function requestOf(form) {
            let path = form.dataset.path;
            const query = new URLSearchParams(), headers = {};
            for (const field of all("[data-in]", form)) {
                if (field.dataset.in === "path") {
                    path = path.replaceAll("{" + field.name + "}", () => encodeURIComponent(field.value));
                } else if (field.value !== "") {
                    if (field.dataset.in === "header") headers[field.name] = field.value;
                    else query.append(field.name, field.value);
                }
            }
            if (query.size > 0) path += "?" + query;
            const accept = form.querySelector(".accept");
            if (accept && accept.selectedIndex > 0) headers["Accept"] = accept.value;
            const body = form.querySelector(".body")?.value || undefined;
            if (body) headers["Content-Type"] = form.querySelector(".type").value;
            return { path, method: form.dataset.method, headers, body };
        }

        function curlOf(form) {
            const { path, method, headers, body } = requestOf(form);
            const parts = [{ GET: "curl", HEAD: "curl --head" }[method] ?? "curl --request " + method];
            if (form.dataset.certificate) parts.push(form.dataset.certificate);
            for (const [name, value] of Object.entries(headers)) parts.push("--header " + quoted(name + ": " + value));
            if (body) parts.push("--data-binary " + quoted(body));
            parts.push(quoted(location.origin + path));
            return parts.join(parts.length > 2 ? " \\\n  " : " ");
        }

        // JSON with line breaks. Every token stays as it was sent: numbers are not read and written again.
        function laidOut(text) {
            const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
            let result = "", level = 0;
            const line = () => "\n" + "  ".repeat(level);
            tokens.forEach((token, index) => {
                if (token === "{" || token === "[") {
                    level += 1;
                    result += token + (/[}\]]/.test(tokens[index + 1]?.[0]) ? "" : line());
                } else if (token === "}" || token === "]") {
                    level -= 1;
                    result += (/[{[]/.test(tokens[index - 1]?.[0]) ? "" : line()) + token;
                } else {
                    result += token === "," ? token + line() : token === ":" ? ": " : token;
                }
            });
            return result;
        }

        // A value for the fields of that name in every form; what stands in a header is meant for one request.
        function share(name, value) {
            for (const field of all("[data-in=path], [data-in=query]")) if (field.name === name) field.value = value;
            for (const { form, line } of operations) line.textContent = curlOf(form);
        }

        // What an answer calls as a parameter is called (the id of a new deployment) goes into the forms.
        function takeUp(text, isJSON) {
            let data;
            try { data = isJSON ? JSON.parse(text).data : undefined; } catch { return text; }
            const names = new Set(all("[data-in=path]").map(field => field.name));
            for (const name of names) if (typeof data?.[name] === "string") share(name, data[name]);
            return isJSON ? laidOut(text) : text;
        }

        // The whole text of a body. What has come of it is shown at once: it may be a stream that lasts.
        async function read(response, content) {
            const reader = response.body?.getReader(), decoder = new TextDecoder();
            const pieces = [];
            content.textContent = "";
            for (let piece = await reader?.read(); piece && !piece.done; piece = await reader.read()) {
                const text = decoder.decode(piece.value, { stream: true });
                const isAtEnd = content.scrollTop + content.clientHeight >= content.scrollHeight - 8;
                pieces.push(text);
                content.append(text);
                // A long log is shown by its end.
                while (content.childNodes.length > 2000) content.firstChild.remove();
                if (isAtEnd) content.scrollTop = content.scrollHeight;
            }
            return pieces.join("") + decoder.decode();
        }

        async function send(form, outcome, answer) {
            const stop = form.querySelector(".stop"), stopping = new AbortController();
            stop.onclick = () => stopping.abort();
            stop.hidden = false;
            outcome.textContent = "Sending …";
            answer.hidden = true;
            let status;
            try {
                const { path, ...options } = requestOf(form);
                const response = await fetch(
                    path, { ...options, cache: "no-store", redirect: "error", signal: stopping.signal });
                status = response.status + " " + response.statusText;
                const isJSON = /^application\/([\w.-]+\+)?json$/.test(response.headers.get("Content-Type"));
                const fields = [...response.headers].map(([name, value]) => name + ": " + value);
                const content = answer.querySelector(".content");
                answer.querySelector(".fields").textContent = fields.join("\n");
                outcome.textContent = "Answer: " + status + ", as it comes …";
                answer.hidden = false;
                const text = await read(response, content);
                if (isJSON || text === "") content.textContent = text === "" ? "(no body)" : takeUp(text, isJSON);
                outcome.textContent = "Answer: " + status;
            } catch (error) {
                const what = status ? "Answer: " + status : "No answer came";
                outcome.textContent = what + (stopping.signal.aborted ? "; stopped" : ": " + error.message);
            }
            stop.hidden = true;
        }

        for (const section of all(".operation")) {
            const form = section.querySelector("form");
            const outcome = section.querySelector(".outcome"), answer = section.querySelector(".answer");
            const line = section.querySelector(".curl pre"), copied = section.querySelector(".copied");
            operations.push({ form, line });
            let isSending = false;
            form.addEventListener("submit", async event => {
                event.preventDefault();
                if (isSending) return;
                isSending = true;
                await send(form, outcome, answer);
                isSending = false;
            });
            form.addEventListener("input", event => {
                copied.textContent = "";
                if (["path", "query"].includes(event.target.dataset.in)) share(event.target.name, event.target.value);
                else line.textContent = curlOf(form);
            });
            for (const button of all(".fill", section)) {
                button.addEventListener("click", () => {
                    const body = form.querySelector(".body");
                    body.value = button.closest("figure").querySelector("pre").textContent;
                    form.querySelector(".type").value = button.dataset.type;
                    line.textContent = curlOf(form);
                    body.focus();
                });
            }
            section.querySelector(".copy").addEventListener("click", async () => {
                try {
                    await navigator.clipboard.writeText(line.textContent);
                    copied.textContent = "Copied";
                } catch {
                    getSelection().selectAllChildren(line);
                    copied.textContent = "Selected: copy it by hand";
                }
            });
            // A browser may keep what stood in the fields when the page is loaded again.
            line.textContent = curlOf(form);
        }
        for (const element of all("form, .fill, .copy")) element.hidden = false;

        """#
}
