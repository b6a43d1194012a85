import '../examples/testing/a-server.js';
import '../examples/testing/a-bad-network.js';
import '../examples/testing/a-recording.js';
