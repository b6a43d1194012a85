/** What the agent says is text, and never markup. */
export const page = `<!doctype html>
<title>Turns</title>
<style>body { font: 16px/1.5 system-ui; margin: 2rem auto; max-width: 40rem; padding: 0 1rem }
li { margin: 0.5rem 0; white-space: pre-wrap } b { font-weight: 600 }</style>
<h1>Turns</h1>
<p id="none">No turn has ended yet.</p>
<ul aria-live="polite"></ul>
<h2>Now</h2>
<p id="now"></p>
<script>
  const list = document.querySelector('ul');
  new EventSource('/summaries').onmessage = ({ data }) => {
    const { status, text } = JSON.parse(data);
    document.querySelector('#none')?.remove();
    const item = document.createElement('li');
    const name = document.createElement('b');
    name.textContent = status + ' ';
    item.append(name, text);
    list.prepend(item);
  };

  const now = document.querySelector('#now');
  // The browser comes back by itself, with the id of the last event: nothing is missed.
  new EventSource('/events').onmessage = ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (type === 'app_server.turn.started') now.textContent = '';
    if (type === 'app_server.item.agent_message.delta') now.append(payload.params.delta);
  };
</script>
`;
