"""What chats become: objects of the file that keep the steps of a conversation."""
