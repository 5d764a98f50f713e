"""The agent desk: who has a conversation, which one is urgent, and what agents see and do there."""
