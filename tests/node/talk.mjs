// botframework-directlinejs, driven line by line: commands come in on stdin as JSON, what the
// client sees goes out on stdout as JSON.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
globalThis.XMLHttpRequest = require("xhr2");
globalThis.WebSocket = require("ws");
const { DirectLine } = require("botframework-directlinejs");

const tell = (event) => console.log(JSON.stringify(event));
let line;

const commands = {
  // `random: 0` comes back after 3 seconds, the shortest of the client's own delays.
  begin({ options }) {
    line = new DirectLine({ random: () => 0, ...options });
    line.connectionStatus$.subscribe((status) => tell({ status }));
    line.activity$.subscribe(
      (activity) => tell({ activity }),
      (error) => tell({ failed: String(error) }),
    );
  },
  post({ activity }) {
    line.postActivity(activity).subscribe(
      (id) => tell({ posted: id }),
      (error) => tell({ refused: error.status }),
    );
  },
  forget_token() {
    line.token = "expired";
  },
  reconnect({ conversation }) {
    line.reconnect(conversation);
    tell({ reconnected: true });
  },
  refresh() {
    line.refreshToken().subscribe((token) => tell({ token }));
  },
};

for await (const text of createInterface({ input: process.stdin })) {
  const command = JSON.parse(text);
  commands[command.do](command);
}
process.exit(0);
