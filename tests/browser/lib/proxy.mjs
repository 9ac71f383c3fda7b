// proxy.mjs - a bare TCP relay in front of a host, so that a test can cut what a browser would not cut itself.
import { connect, createServer } from "node:net";

export class Proxy {
  // to: "http://127.0.0.1:9001/"
  static async start(to) {
    const proxy = new Proxy();
    const { hostname, port } = new URL(to);
    proxy.pairs = new Set();
    proxy.accepting = true;
    proxy.server = createServer((client) => {
      if (!proxy.accepting) return client.destroy();
      const upstream = connect(Number(port), hostname);
      const pair = [client, upstream];
      proxy.pairs.add(pair);
      for (const [one, other] of [pair, [upstream, client]]) {
        one.on("error", () => other.destroy());
        one.on("close", () => {
          other.destroy();
          proxy.pairs.delete(pair);
        });
        one.pipe(other);
      }
      return undefined;
    });
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    proxy.page = `http://127.0.0.1:${proxy.server.address().port}/`;
    return proxy;
  }

  // Every connection breaks; none comes through until accept().
  cut() {
    this.accepting = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  accept() {
    this.accepting = true;
  }

  async stop() {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
