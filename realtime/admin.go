package realtime

// bindAdmin registers the events of /admin: those of its room.
func (c *Chat) bindAdmin(s *space) { c.bindRooms(s) }
