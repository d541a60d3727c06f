package chat

const (
	formerMember = "Former member" // the name of somebody whose account is gone
	serverName   = "Roomline"      // of the zero User: the server itself
)

// names finds users by id, with one question for all whom it does not know.
type names struct {
	r     Reader
	users map[string]User
	ids   []string
	asked map[string]bool
}

func newNames(r Reader, known ...User) *names {
	n := &names{r: r, users: make(map[string]User, len(known)+1)}
	n.users[""] = User{Name: serverName, Role: RoleMember}
	for _, user := range known {
		if user.ID != "" {
			n.users[user.ID] = user
		}
	}
	return n
}

// ask notes a user to be looked for.
func (n *names) ask(id string) {
	if _, ok := n.users[id]; ok || n.asked[id] {
		return
	}
	if n.asked == nil {
		n.asked = make(map[string]bool)
	}
	n.asked[id] = true
	n.ids = append(n.ids, id)
}

// askOf notes all whom a message names.
func (n *names) askOf(m *Message) {
	n.ask(m.Author.ID)
	for _, who := range m.Mentions {
		n.ask(who.ID)
	}
	for _, reaction := range m.Reactions {
		for _, who := range reaction.Users {
			n.ask(who.ID)
		}
	}
}

// read looks for those who were asked for.
func (n *names) read() error {
	if len(n.ids) == 0 {
		return nil
	}
	found, err := n.r.Users(n.ids)
	if err != nil {
		return err
	}
	for id, user := range found {
		n.users[id] = user
	}
	return nil
}

// find returns a user who was asked for; one who is not there is a former member.
func (n *names) find(id string) User {
	if user, ok := n.users[id]; ok {
		return user
	}
	return User{ID: id, Name: formerMember, Role: RoleMember}
}
