// The examples of docs/testing: each is a test of its own.
import '../examples/testing/a-bad-network.js';
import '../examples/testing/a-component.js';
import '../examples/testing/a-handler.js';
import '../examples/testing/a-pipeline.js';
import '../examples/testing/a-policy.js';
import '../examples/testing/a-reconnection.js';
import '../examples/testing/a-recording.js';
import '../examples/testing/a-server.js';
import '../examples/testing/a-skill.js';
import '../examples/testing/a-transcript.js';
