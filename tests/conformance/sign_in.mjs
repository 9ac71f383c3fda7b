// sign_in.mjs - the suite knows no credentials: this stands in front of the host, adds a practice person's headers to
// every request and passes everything else on as it is, Host and Origin included.
import http from "node:http";

export async function signIn(mcp, person) {
  const target = new URL(mcp);
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${person.api_key}`, "x-tallyfy-org-id": person.org_id };
    const onward = http.request({ host: target.hostname, port: target.port, path: request.url, method: request.method, headers,
      setHost: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/mcp`, close: () => server.close() };
}
