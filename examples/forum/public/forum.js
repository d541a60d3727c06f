// How many look at a topic now: the forum's own events, on the connection that the chat has anyway.

const place = document.querySelector('#readers');
if (place) {
  const { socket } = await import('/community/chat/widget.js');
  const topic = Number(place.dataset.topic);
  const say = ({ count }) => {
    place.textContent = count > 1 ? `${count} people are reading this` : 'You are the only one reading this';
  };
  const forum = await socket('/forum');
  forum.on('readers', (news) => {
    if (news.topic === topic) say(news);
  });
  forum.on('connect', () => forum.emit('reading', { topic }, (answer) => {
    if (answer.count) say(answer);
  }));
}
