// upstream.mjs - a scripted Tallyfy API: passes everything on to a practice organisation, but holds the paths it was told to
// hold and knows when such a request was given up by the host.
import http from "node:http";
import { until } from "./host.mjs";

export class Upstream {
  static async start(practice) {
    const upstream = new Upstream();
    upstream.practice = new URL(practice);
    upstream.holding = undefined; // a RegExp for paths
    upstream.held = []; // { path, aborted, release() }
    upstream.server = http.createServer((request, response) => upstream.take(request, response));
    await new Promise((resolve) => upstream.server.listen(0, "127.0.0.1", resolve));
    upstream.url = `http://127.0.0.1:${upstream.server.address().port}`;
    return upstream;
  }

  take(request, response) {
    if (!this.holding?.test(request.url)) return this.pass(request, response);
    const one = { path: request.url, aborted: false, release: () => this.pass(request, response) };
    response.on("close", () => { one.aborted = !response.writableEnded; });
    this.held.push(one);
  }

  pass(request, response) {
    const base = this.practice.pathname.replace(/\/$/, "");
    const onward = http.request({ host: this.practice.hostname, port: this.practice.port, path: base + request.url, method: request.method,
      headers: { ...request.headers, host: this.practice.host } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  }

  // Forgets what was held; from now on requests to <paths> are held.
  hold(paths) {
    this.holding = paths;
    this.held = [];
  }

  arrived() { return until(() => this.held[0], "a request at the API"); }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
