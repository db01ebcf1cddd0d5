// Loaded where the site names who is talking already: the same start once more, without a message.
export async function identify({ api, storage, conversation, describe, host }) {
  const { customerId, identityToken, visitor } = describe();
  const who = JSON.stringify([customerId, !!identityToken, visitor]);
  const { current } = conversation;
  if (current.ended || storage.get('identity')?.who === who) return;
  try {
    const { sessionId, visitorId, token } = await api.post('sessions', describe());
    // Somebody else is named by now.
    if (current !== conversation.current) return;
    storage.set('identity', { ...storage.get('identity'), sessionId, visitorId, token, who });
    await conversation.enter(sessionId, token);
  } catch ({ code, message }) {
    host.post('error', { code, message });
  }
}
